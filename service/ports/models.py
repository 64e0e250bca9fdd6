"""Chat models and receivers: everything that leaves the process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from service.domain.base import Frozen
from service.domain.community import Community
from service.domain.delivery import OutboxEntry
from service.domain.llm import ChatReply, ChatRequest
from service.domain.notice import Notice

OnDelta = Callable[[str], Awaitable[None]]
"""Receives each further piece of raw model output while it streams; `RESTART` stands between what
broke off and what is written in its place."""

RESTART = "\x1e"
"""A piece of its own: everything before it is void. No JSON text holds this character."""


class ChatModel(Protocol):
    """A chat model that answers with JSON fitting the request's schema."""

    @property
    def name(self) -> str:
        """The model's name, for audit and display."""
        ...

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask; retries are bounded, every call is audited.

        Raises:
            TransientProviderError: slow, dead, over quota or circuit open.
            PermanentProviderError: rejected, or garbled again and again.
        """
        ...


@runtime_checkable
class Closing(Protocol):
    """A chat model that started something of its own."""

    async def close(self) -> None:
        """End it."""
        ...


class SendResult(Frozen):
    """What a receiver said."""

    ok: bool
    status_code: int | None
    error: str | None
    permanent: bool = False


class Receiver(Protocol):
    """Delivers one outbox entry; the entry's id is the idempotency key."""

    async def send(self, entry: OutboxEntry, community: Community) -> SendResult:
        """Send; never raises for what the other side does."""
        ...


class Notifier(Protocol):
    """Tells a community's own people of an incident; the notice's id is the idempotency key."""

    async def notify(self, notice: Notice, community: Community) -> SendResult:
        """Send; never raises for what the other side does."""
        ...
