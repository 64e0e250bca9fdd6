"""Try again, a bounded number of times."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from service.domain.llm import ChatReply, ChatRequest
from service.errors import PermanentProviderError, ProviderError
from service.llm.failures import Reason, reason_of
from service.llm.stream import Stream
from service.ports.models import ChatModel, OnDelta

_AGAIN = frozenset({Reason.UNAVAILABLE, Reason.OVER_QUOTA, Reason.GARBLED})
"""A call that ran out of time is not repeated: the next would wait as long again."""

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0


class RetryingChat:
    """Wraps a chat model with retries, doubling waits and jitter.

    Args:
        sleep: waits that many seconds.
        jitter: a random number in [0, 1).
    """

    def __init__(
        self,
        inner: ChatModel,
        *,
        retries: int,
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
    ) -> None:
        self._inner, self._retries, self._sleep, self._jitter = inner, retries, sleep, jitter

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self._inner.name

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask until it works or the tries are used up; then the last error."""
        stream = Stream(on_delta)
        for attempt in range(self._retries):
            try:
                return await self._inner.complete(request, on_delta=await stream.begin())
            except ProviderError as error:
                wait = self._wait(error, attempt)
                if not _may_pass(error) or wait > _LONGEST_WAIT_S:
                    raise
            await self._sleep(wait)
        return await self._inner.complete(request, on_delta=await stream.begin())

    def _wait(self, error: ProviderError, attempt: int) -> float:
        asked = error.details.get("retry_after_s")
        if isinstance(asked, float):
            return asked
        doubled: float = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt)
        return doubled * (0.5 + self._jitter() / 2)


def _may_pass(error: ProviderError) -> bool:
    """Whether the same call may work in a moment; an exhausted account will not fill up."""
    exhausted = isinstance(error, PermanentProviderError) and (
        reason_of(error) is Reason.OVER_QUOTA
    )
    return reason_of(error) in _AGAIN and not exhausted
