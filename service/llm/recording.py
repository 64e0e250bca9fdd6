"""An audit row for every try, also for the failed ones: they cost tokens as well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from service.domain.llm import ChatReply, ChatRequest, LLMCall, LLMStatus
from service.errors import AppError, ProviderError
from service.llm.answer import Tokens
from service.llm.failures import reason_of, status_of
from service.ports.clock import Clock, Ids
from service.ports.models import ChatModel, OnDelta

Record = Callable[[LLMCall], Awaitable[None]]

ESTIMATED = "tokens_estimated"
CANCELLED = "cancelled"

log = structlog.get_logger()


class Prices(NamedTuple):
    """Price of a million tokens, in the operator's currency."""

    prompt: float
    completion: float

    def of(self, tokens: Tokens) -> float:
        """Cost of one call."""
        return (tokens.prompt * self.prompt + tokens.completion * self.completion) / 1_000_000


class RecordingChat:
    """Wraps a chat model; writes one `LLMCall` a try through `record`. It holds no text. A row
    that cannot be written goes to the log: a paid answer is not thrown away for it.

    `error` of a row is the failure's reason, or `tokens_estimated` for a good call whose tokens
    the server did not count.
    """

    def __init__(
        self, inner: ChatModel, *, record: Record, prices: Prices, clock: Clock, ids: Ids
    ) -> None:
        self._inner, self._record, self._prices = inner, record, prices
        self._clock, self._ids = clock, ids

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self._inner.name

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """As the inner model."""
        began = self._clock.now()
        try:
            reply = await self._inner.complete(request, on_delta=on_delta)
        except ProviderError as error:
            await self._write(
                request, began, status_of(error), _spent(error), reason_of(error).value
            )
            raise
        except asyncio.CancelledError:
            await self._write(request, began, LLMStatus.UNAVAILABLE, Tokens(0, 0), CANCELLED)
            raise
        tokens = Tokens(reply.prompt_tokens, reply.completion_tokens, reply.tokens_estimated)
        note = ESTIMATED if tokens.estimated else None
        await self._write(request, began, LLMStatus.OK, tokens, note)
        return reply

    async def _write(
        self,
        request: ChatRequest,
        began: datetime,
        status: LLMStatus,
        tokens: Tokens,
        error: str | None,
    ) -> None:
        call = LLMCall(
            id=self._ids.new("llm"),
            community=request.community,
            feature=request.feature,
            model=self.name,
            status=status,
            prompt_tokens=tokens.prompt,
            completion_tokens=tokens.completion,
            cost=self._prices.of(tokens),
            latency_ms=(self._clock.now() - began) // timedelta(milliseconds=1),
            error=error,
            at=began,
        )
        try:
            await self._record(call)
        except AppError as failure:
            row = call.model_dump(mode="json")
            log.warning("llm_call_not_recorded", reason=failure.code, **row)


def _spent(error: ProviderError) -> Tokens:
    prompt, completion = (error.details.get(f"{kind}_tokens") for kind in ("prompt", "completion"))
    if isinstance(prompt, int) and isinstance(completion, int):
        return Tokens(prompt, completion)
    return Tokens(0, 0)
