"""The model's own time and tokens, told apart from drafting's."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from evals.drafts.rows import Row
from service.domain.llm import ChatReply, ChatRequest
from service.errors import AppError
from service.ports.models import ChatModel, OnDelta


class Timed:
    """Implements `ChatModel` around another; adds up until `reset`."""

    def __init__(self, inner: ChatModel) -> None:
        self._inner, self.name = inner, inner.name
        self.reset()

    def reset(self) -> None:
        """Begin again at zero."""
        self.seconds, self.asked, self.prompt, self.completion = 0.0, 0, 0, 0

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask the other."""
        started = time.perf_counter()
        self.asked += 1
        try:
            reply = await self._inner.complete(request, on_delta=on_delta)
        finally:
            self.seconds += time.perf_counter() - started
        self.prompt += reply.prompt_tokens
        self.completion += reply.completion_tokens
        return reply


async def measured(row: Row, chat: Timed | None, make: Callable[[], Awaitable[Row]]) -> Row:
    """What was made, with its times; an engine that failed is a row with the error's code."""
    if chat is not None:
        chat.reset()
    started = time.perf_counter()
    try:
        made = await make()
    except AppError as error:
        made = row.model_copy(update={"error": error.code})
    update: dict[str, object] = {"seconds": round(time.perf_counter() - started, 4)}
    if chat is not None:
        update |= {
            "model_seconds": round(chat.seconds, 4),
            "asked": chat.asked,
            "prompt_tokens": chat.prompt,
            "completion_tokens": chat.completion,
        }
    return made.model_copy(update=update)
