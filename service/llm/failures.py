"""Why a call failed, said in our own terms; nothing of the prompt or the key gets in here."""

from __future__ import annotations

from enum import StrEnum

from service.domain.llm import LLMStatus
from service.errors import PermanentProviderError, ProviderError, TransientProviderError


class Reason(StrEnum):
    """Machine-readable cause, `reason` in the details of a `ProviderError`."""

    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    OVER_QUOTA = "over_quota"
    CIRCUIT_OPEN = "circuit_open"
    GARBLED = "garbled"
    REJECTED = "rejected"
    BUDGET = "budget"
    NO_PROVIDER = "no_provider"


_STATUS = {
    Reason.TIMEOUT: LLMStatus.TIMEOUT,
    Reason.REJECTED: LLMStatus.REJECTED,
    Reason.GARBLED: LLMStatus.GARBLED,
}


def transient(reason: Reason, what: str, **details: object) -> TransientProviderError:
    """A failure that may pass."""
    return TransientProviderError(f"The language model {what}.", reason=reason.value, **details)


def permanent(reason: Reason, what: str, **details: object) -> PermanentProviderError:
    """A failure that will not pass by itself."""
    return PermanentProviderError(f"The language model {what}.", reason=reason.value, **details)


def reason_of(error: ProviderError) -> Reason:
    """The cause of an error raised in this room, or of the database behind its ledger."""
    return Reason(str(error.details.get("reason", Reason.UNAVAILABLE.value)))


def status_of(error: ProviderError) -> LLMStatus:
    """How the audit row names it."""
    return _STATUS.get(reason_of(error), LLMStatus.UNAVAILABLE)
