"""Messages as received."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import Field

from service.domain.base import Frozen, Instant

MAX_TEXT = 20_000
"""Characters; a longer message is refused."""


class NewMessage(Frozen):
    """One message as a connector or API client hands it in.

    `author` is a pseudonymous reference of the source platform, never a real name.
    """

    source: str = Field(min_length=1, max_length=64, examples=["wechat"])
    external_id: str = Field(min_length=1, max_length=200, examples=["wx-20260401-0007"])
    author: str = Field(min_length=1, max_length=200, examples=["wx_7f3a"])
    text: str = Field(min_length=1, max_length=MAX_TEXT, examples=["同步又失败了，怎么办？"])
    sent_at: Instant | None = Field(None, description="Defaults to the time of receipt.")
    channel: str = Field("", max_length=200, examples=["wechat-main"])
    thread: str | None = Field(None, max_length=200)
    reply_to: str | None = Field(
        None, max_length=200, description="external_id of the message answered."
    )


class Message(Frozen):
    """A stored message; unique on community + source + external_id."""

    id: str
    community: str
    source: str
    external_id: str
    author: str
    text: str
    sent_at: Instant
    received_at: Instant
    channel: str = ""
    thread: str | None = None
    reply_to: str | None = None
    case_id: str


class IngestStatus(StrEnum):
    """What became of one item of a batch."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class IngestResult(Frozen):
    """Per-item answer to an ingest call; `index` is the item's place in the batch."""

    index: int
    status: IngestStatus
    external_id: str | None = None
    message_id: str | None = None
    case_id: str | None = None
    code: str | None = None
    detail: str | None = None


def text_hash(normalised: str) -> str:
    """SHA-256 (hex) of a normalised text; equal hashes are exact duplicates."""
    return hashlib.sha256(normalised.encode()).hexdigest()
