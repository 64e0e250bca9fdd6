"""The model as a judge asks it about one text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evals.answer_cache import cache_key
from evals.asking import AskedChat, Manner
from service.domain.llm import ChatReply, ChatRequest
from service.ports.models import ChatModel, OnDelta

MOST = 3
"""Times a judge asks the same, to confirm a failing value."""


def asked_chats(chat: ChatModel, settings: str, manner: Manner) -> tuple[AskedChat, ...]:
    """One for each time the same is asked, so that the cache does not confirm by itself."""
    known_as = f"{chat.name}; {settings}"
    return tuple(AskedChat(chat, known_as, manner, repeat) for repeat in range(MOST))


class OneText:
    """Implements `ChatModel` over those, for the questions about one text in turn."""

    def __init__(self, chats: Sequence[AskedChat]) -> None:
        self._chats, self._times = chats, Counter[str]()

    @property
    def name(self) -> str:
        """The model's."""
        return self._chats[0].name

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """See the port."""
        key = cache_key(request, self.name, 0)
        again = min(self._times[key], len(self._chats) - 1)
        self._times[key] += 1
        return await self._chats[again].complete(request, on_delta=on_delta)
