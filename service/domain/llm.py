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
    fixed_schema: Mapping[str, object] | None = None
    """The same without what differs from case to case, for hosts that cache it with the prompt;
    None: it is the same for all anyway."""
    max_tokens: int = 700
    temperature: float = 0.2
    avoid: tuple[str, ...] = ()
    """Providers whose answer to this could not be used."""


class PassedOver(Frozen):
    """A provider that was to answer first and did not; `reason` is a code such as `timeout`."""

    provider: str
    reason: str


class ChatReply(Frozen):
    """A model's answer, parsed but not yet checked against the context."""

    data: dict[str, object]
    model: str
    prompt_tokens: int
    completion_tokens: int
    tokens_estimated: bool = False
    """The server counted no tokens: they are reckoned from the number of characters."""
    cached_tokens: int = 0
    """Those of the prompt's tokens the server had kept from earlier calls."""
    provider: str = ""
    """Which of several answered; empty for a model that stands alone."""
    passed_over: tuple[PassedOver, ...] = ()


class LLMStatus(StrEnum):
    """How a call ended."""

    OK = "ok"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    GARBLED = "garbled"


class LLMCall(Frozen):
    """Audit row of one call; holds no text. `cost` is in the currency of the price table;
    `cached_tokens` are part of `prompt_tokens`."""

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
    provider: str = ""
    cached_tokens: int = 0
