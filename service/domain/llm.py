"""What is asked of a chat model and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from service.domain.base import Frozen, Instant

CLASSIFY = "classify"
"""Feature of calls that label what the heads leave open."""


class ChatMessage(Frozen):
    """One turn of a prompt."""

    role: str
    content: str


class ChatRequest(Frozen):
    """A rendered prompt with the JSON schema its answer must fit. Holds redacted text only."""

    feature: str
    community: str
    messages: tuple[ChatMessage, ...]
    json_schema: Mapping[str, object]
    schema_name: str
    max_tokens: int = 700
    temperature: float = 0.2


class ChatReply(Frozen):
    """A model's answer, parsed but not yet checked against the context."""

    data: dict[str, object]
    model: str
    prompt_tokens: int
    completion_tokens: int
    tokens_estimated: bool = False
    """The server counted no tokens: they are reckoned from the number of characters."""


class LLMStatus(StrEnum):
    """How a call ended."""

    OK = "ok"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    GARBLED = "garbled"


class LLMCall(Frozen):
    """Audit row of one call; holds no text. `cost` is in the currency of the price table."""

    id: str
    community: str
    feature: str
    model: str
    status: LLMStatus
    prompt_tokens: int
    completion_tokens: int
    cost: float
    latency_ms: int
    error: str | None
    at: Instant
