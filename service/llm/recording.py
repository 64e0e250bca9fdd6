"""Every try is paid from the budget and leaves an audit row, also a failed one: it may cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from service.domain.llm import ChatReply, ChatRequest, LLMCall, LLMStatus
from service.domain.spend import Reservation
from service.errors import AppError, ProviderError
from service.llm.answer import Tokens, estimate
from service.llm.failures import Reason, reason_of, status_of
from service.ports.clock import Clock, Ids
from service.ports.models import ChatModel, OnDelta

Record = Callable[[LLMCall], Awaitable[None]]
"""Stores an audit row and gives back what was reserved under its id."""

Reserve = Callable[[Reservation], Awaitable[None]]
"""Sets an estimate aside, or raises `BudgetExceeded`."""

ESTIMATED = "tokens_estimated"
CANCELLED = "cancelled"

log = structlog.get_logger()


class Prices(NamedTuple):
    """Price of a million tokens, in the operator's currency; `cached` is that of prompt tokens
    the server had kept, None: as the others."""

    prompt: float
    completion: float
    cached: float | None = None

    def of(self, tokens: Tokens) -> float:
        """Cost of one call."""
        cheap = self.prompt if self.cached is None else self.cached
        prompt = (tokens.prompt - tokens.cached) * self.prompt + tokens.cached * cheap
        return (prompt + tokens.completion * self.completion) / 1_000_000


class RecordingChat:
    """Wraps a chat model; reserves an estimate, then writes one `LLMCall` a try through `record`,
    which settles it. Neither holds text. A row that cannot be written goes to the log: a paid
    answer is not thrown away for it, and its estimate stays reserved.

    `error` of a row is the failure's reason, or `tokens_estimated` for a good call whose tokens
    the server did not count. A call the budget stopped was none and has no row.
    """

    def __init__(
        self,
        inner: ChatModel,
        *,
        record: Record,
        prices: Prices,
        clock: Clock,
        ids: Ids,
        provider: str = "",
        reserve: Reserve | None = None,
        max_tokens: int = 1_000_000,
    ) -> None:
        self._inner, self._record, self._prices = inner, record, prices
        self._clock, self._ids, self._provider = clock, ids, provider
        self._reserve, self._max_tokens = reserve, max_tokens

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self._inner.name

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """As the inner model.

        Raises:
            BudgetExceeded: nothing was sent.
        """
        began, call_id = self._clock.now(), self._ids.new("llm")
        await self._set_aside(request, call_id, began)
        began = self._clock.now()
        try:
            reply = await self._inner.complete(request, on_delta=on_delta)
        except ProviderError as error:
            end = (status_of(error), reason_of(error).value)
            await self._write(request, call_id, began, _spent(request, error), end)
            raise
        except asyncio.CancelledError:
            end = (LLMStatus.UNAVAILABLE, CANCELLED)
            await self._write(request, call_id, began, _read_only(request), end)
            raise
        tokens = Tokens(
            reply.prompt_tokens, reply.completion_tokens, reply.tokens_estimated,
            reply.cached_tokens,
        )  # fmt: skip
        note = ESTIMATED if tokens.estimated else None
        await self._write(request, call_id, began, tokens, (LLMStatus.OK, note))
        return reply

    async def _set_aside(self, request: ChatRequest, call_id: str, at: datetime) -> None:
        if self._reserve is None:
            return
        tokens = self._most(request)
        await self._reserve(
            Reservation(
                id=call_id,
                community=request.community,
                tokens=tokens.prompt + tokens.completion,
                cost=self._prices.of(tokens),
                at=at,
            )
        )

    def _most(self, request: ChatRequest) -> Tokens:
        """What the call may use: its prompt and schema, and the longest answer allowed."""
        prompt = estimate(request.messages, json.dumps(request.json_schema))
        longest = min(request.max_tokens, self._max_tokens)
        return Tokens(prompt.prompt + prompt.completion, longest)

    async def _write(
        self,
        request: ChatRequest,
        call_id: str,
        began: datetime,
        tokens: Tokens,
        end: tuple[LLMStatus, str | None],
    ) -> None:
        call = LLMCall(
            id=call_id,
            community=request.community,
            feature=request.feature,
            provider=self._provider,
            model=self.name,
            status=end[0],
            prompt_tokens=tokens.prompt,
            cached_tokens=tokens.cached,
            completion_tokens=tokens.completion,
            cost=self._prices.of(tokens),
            latency_ms=(self._clock.now() - began) // timedelta(milliseconds=1),
            error=end[1],
            at=began,
        )
        try:
            await self._record(call)
        except AppError as failure:
            row = call.model_dump(mode="json")
            log.warning("llm_call_not_recorded", reason=failure.code, **row)


def _read_only(request: ChatRequest) -> Tokens:
    """A call that was given up: the prompt was sent, how much was written is not known."""
    return Tokens(estimate(request.messages, "").prompt, 0, estimated=True)


def _spent(request: ChatRequest, error: ProviderError) -> Tokens:
    if reason_of(error) is Reason.TIMEOUT:
        return _read_only(request)
    names = ("prompt_tokens", "completion_tokens", "cached_tokens")
    prompt, completion, cached = (error.details.get(name, 0) for name in names)
    if isinstance(prompt, int) and isinstance(completion, int) and isinstance(cached, int):
        return Tokens(prompt, completion, cached=cached)
    return Tokens(0, 0)
