"""What happens to messages after they were sent, and to drafts that rest on them."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import Field, model_validator

from service.domain.base import Frozen, Instant
from service.domain.message import MAX_TEXT


class ChangeKind(StrEnum):
    """`left` is about a member, the others about one message."""

    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    LEFT = "left"


class NewChange(Frozen):
    """A change as a connector or API client hands it in."""

    kind: ChangeKind
    source: str = Field(min_length=1, max_length=64, examples=["wechat"])
    external_id: str | None = Field(
        None, min_length=1, max_length=200, description="The message; for edited and withdrawn."
    )
    author: str | None = Field(None, min_length=1, max_length=200, description="For left.")
    text: str | None = Field(None, max_length=MAX_TEXT, description="For edited: the new text.")
    at: Instant | None = Field(None, description="Defaults to the time of receipt.")

    @model_validator(mode="after")
    def _whole(self) -> NewChange:
        if (self.author if self.kind is ChangeKind.LEFT else self.external_id) is None:
            raise ValueError("name the author of left, the external_id of edited and withdrawn")
        if (self.text is not None) != (self.kind is ChangeKind.EDITED):
            raise ValueError("an edit, and nothing else, carries the new text")
        return self


class MessageChange(Frozen):
    """A stored change. Append-only; `id` is made of its content, so that repeating it adds
    nothing."""

    id: str
    community: str
    kind: ChangeKind
    source: str
    author: str
    message_id: str | None
    case_id: str | None
    text: str | None
    at: Instant
    received_at: Instant


def change_id(community: str, change: NewChange) -> str:
    """The same for the same change handed in again."""
    content = change.model_dump_json()
    return "chg_" + hashlib.sha256(f"{community}\n{content}".encode()).hexdigest()[:24]


class StaleReason(StrEnum):
    """Why a draft no longer fits. The last two a reviewer may overrule."""

    MOVED_ON = "moved_on"
    NEWER_DRAFT = "newer_draft"
    WITHDRAWN = "withdrawn"
    RULE_CHANGED = "rule_changed"
    ANSWERED = "answered"
    LEFT = "left"


SOFT = frozenset({StaleReason.ANSWERED, StaleReason.LEFT})
"""Reasons a reviewer may overrule by acknowledging them."""
