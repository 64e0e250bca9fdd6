"""Cases: messages of one author joined in a burst or thread, the unit of triage and reply."""

from __future__ import annotations

from datetime import timedelta

from service.domain.base import Frozen, Instant
from service.domain.message import Message, NewMessage

BURST_GAP = timedelta(minutes=5)
"""Two messages of one author in one channel closer than this belong to one request."""

BURST_LIMIT = 12
"""A case takes no further messages beyond this many, so that a flood cannot grow it forever."""

THREAD_GAP = timedelta(hours=24)
"""Within one thread an author's follow-up joins the case up to this long after the last."""

REPLY_WINDOW = timedelta(days=7)
"""Cases last written to before this are triaged but get no automatic draft: an imported archive
is read, not answered. A person can ask for a draft of any case."""


class Case(Frozen):
    """One request. `size` counts its messages and their edits and rises with each; a triage or
    draft made for a smaller size is out of date."""

    id: str
    community: str
    author: str
    source: str
    channel: str
    thread: str | None
    opened_at: Instant
    last_at: Instant
    size: int

    def joins(self, item: NewMessage, sent_at: Instant) -> bool:
        """Whether a new message of the same author and place continues this case."""
        if (self.author, self.source, self.channel) != (item.author, item.source, item.channel):
            return False
        if self.size >= BURST_LIMIT or self.thread != item.thread:
            return False
        gap = THREAD_GAP if item.thread else BURST_GAP
        return self.opened_at - gap <= sent_at <= self.last_at + gap


class CaseText(Frozen):
    """A case with its messages in the order they were sent."""

    case: Case
    messages: tuple[Message, ...]

    @property
    def text(self) -> str:
        """All messages, one a line."""
        return "\n".join(message.text for message in self.messages)
