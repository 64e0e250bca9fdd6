"""Error taxonomy: one family, each with a stable code and a sentence a user can act on.

HTTP status codes are mapped in one place, `service/web/problems.py`.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """Base of all expected errors.

    Args:
        message: one sentence, in English, that says what is wrong and what to do.
        details: machine-readable facts (never member text, never secrets).
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message, self.details = message, details


class InvalidInput(AppError):
    """The caller sent something that cannot be accepted."""

    code = "invalid_input"


class NotAuthenticated(AppError):
    """No valid session or API key came with the request."""

    code = "not_authenticated"


class NotPermitted(AppError):
    """The caller is known but lacks the scope or role."""

    code = "not_permitted"


class NotFound(AppError):
    """No such thing, or not in this community."""

    code = "not_found"


class Conflict(AppError):
    """The request does not fit the present state."""

    code = "conflict"


class AlreadyClaimed(Conflict):
    """Another reviewer holds the task."""

    code = "already_claimed"


class StaleRevision(Conflict):
    """The decision names a revision that is no longer the newest."""

    code = "stale_revision"


class MovedOn(Conflict):
    """The conversation changed since the draft was made."""

    code = "moved_on"


class NotCompared(Conflict):
    """A change has no passing comparison with what is in production."""

    code = "not_compared"


class DuplicateSample(Conflict):
    """Another test case says the same; `sample` names it."""

    code = "duplicate_sample"


class IllegalTransition(Conflict):
    """The state machine has no such step."""

    code = "illegal_transition"


class IdempotencyMismatch(Conflict):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_mismatch"


class RateLimited(AppError):
    """Too many requests; `retry_after_s` is in the details."""

    code = "rate_limited"


class ProviderError(AppError):
    """A model, vector store or receiver failed."""

    code = "provider_error"


class TransientProviderError(ProviderError):
    """Retrying later may work."""

    code = "provider_unavailable"


class PermanentProviderError(ProviderError):
    """Retrying will not help; a person must look."""

    code = "provider_rejected"


class BudgetExceeded(PermanentProviderError):
    """A limit on tokens or money is reached; the call was not sent."""

    code = "over_budget"


class SuiteFailed(AppError):
    """A comparison could not be carried out."""

    code = "suite_failed"


class ConfigurationError(AppError):
    """The service refuses to start; the message names the remedy."""

    code = "configuration"
