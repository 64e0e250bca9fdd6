"""Errors of the client libraries become ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from service.errors import ProviderError
from service.llm.failures import Reason, permanent, transient

if TYPE_CHECKING:
    import openai

_PASSING = frozenset({408, 409, 425})

_EXHAUSTED = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""Codes of a 429 that no waiting cures."""


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Raise `ProviderError`s for whatever the provider does.

    Raises:
        TransientProviderError, PermanentProviderError: see `failures.Reason`.
    """
    import httpx2
    import openai

    try:
        yield
    except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException) as error:
        raise transient(Reason.TIMEOUT, "did not answer in time") from error
    except openai.APIStatusError as error:
        raise _from_status(error) from error
    except (openai.APIError, httpx2.HTTPError, OSError) as error:
        raise transient(Reason.UNAVAILABLE, "cannot be reached") from error
    except ValueError as error:
        raise permanent(Reason.GARBLED, "sent a stream that is not valid") from error


def _from_status(error: openai.APIStatusError) -> ProviderError:
    status = error.status_code
    if status == 402 or (status == 429 and error.code in _EXHAUSTED):
        return permanent(Reason.OVER_QUOTA, "has no credit left", status=status)
    if status == 429:
        wait = retry_after(error.response.headers.get("retry-after"))
        return transient(Reason.OVER_QUOTA, "is over its quota", status=429, retry_after_s=wait)
    if status in _PASSING or (status >= 500 and status != 501):
        return transient(Reason.UNAVAILABLE, f"answered {status}", status=status)
    return permanent(Reason.REJECTED, f"rejected the request with {status}", status=status)


def retry_after(header: str | None) -> float | None:
    """Seconds to wait, if the header gives seconds; dates are left to our own backoff."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
