"""A chat model for tests: it says what it was told to say, in order, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence

from service.domain.llm import ChatReply, ChatRequest
from service.errors import ProviderError
from service.llm.answer import estimate
from service.ports.models import OnDelta

_PIECE = 8


class ScriptedChat:
    """Implements `ChatModel`. A reply is the data to answer with, or the error to raise.

    Every reply must be used: call `assert_used_up` at the end of the test.
    """

    def __init__(self, replies: Sequence[dict[str, object] | ProviderError]) -> None:
        self._replies = list(replies)
        self.requests: list[ChatRequest] = []

    @property
    def name(self) -> str:
        """A fixed name."""
        return "scripted"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """The next reply, streamed in small pieces.

        Raises:
            AssertionError: the script is at its end.
        """
        if not self._replies:
            raise AssertionError("the script has no reply left for this call")
        self.requests.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, ProviderError):
            raise reply
        raw = json.dumps(reply, ensure_ascii=False)
        if on_delta:
            for start in range(0, len(raw), _PIECE):
                await on_delta(raw[start : start + _PIECE])
        tokens = estimate(request.messages, raw)
        return ChatReply(
            data=reply,
            model=self.name,
            prompt_tokens=tokens.prompt,
            completion_tokens=tokens.completion,
            tokens_estimated=True,
        )

    def assert_used_up(self) -> None:
        """Fail if replies are left."""
        assert not self._replies, f"{len(self._replies)} scripted replies were never asked for"  # noqa: S101
