"""Stop asking a model that keeps failing, so that drafts degrade at once instead of waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.llm import ChatReply, ChatRequest
from service.errors import BudgetExceeded, ProviderError, TransientProviderError
from service.llm.failures import Reason, reason_of, transient
from service.ports.clock import Clock
from service.ports.models import ChatModel, OnDelta


class BreakerChat:
    """Opens after `failures` failures in a row, for `open_s` seconds; then one call is let through,
    and its outcome decides.

    A wrong key and an exhausted account count like an outage: every further call would fail the
    same way. A call that the budget stopped says nothing about the provider.
    """

    def __init__(self, inner: ChatModel, *, failures: int, open_s: float, clock: Clock) -> None:
        self._inner, self._limit, self._clock = inner, failures, clock
        self._open_for = timedelta(seconds=open_s)
        self._failures = 0
        self._open_until: datetime | None = None

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self._inner.name

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask, unless the circuit is open.

        Raises:
            TransientProviderError: as the inner model, or reason `circuit_open`.
            PermanentProviderError: as the inner model.
        """
        self._admit()
        try:
            reply = await self._inner.complete(request, on_delta=on_delta)
        except BudgetExceeded:
            raise
        except ProviderError as error:
            self._failed() if _lasting(error) else self._answered()
            raise
        self._answered()
        return reply

    def _admit(self) -> None:
        if self._open_until is None:
            return
        now = self._clock.now()
        if now < self._open_until:
            raise transient(Reason.CIRCUIT_OPEN, "kept failing and is given a rest")
        self._open_until = now + self._open_for  # the others wait for this one's outcome

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= self._limit:
            self._open_until = self._clock.now() + self._open_for

    def _answered(self) -> None:
        self._failures, self._open_until = 0, None


def _lasting(error: ProviderError) -> bool:
    """Whether the next call would most likely fail as well."""
    if isinstance(error, TransientProviderError) or reason_of(error) is Reason.OVER_QUOTA:
        return True
    return error.details.get("status") in (401, 403)
