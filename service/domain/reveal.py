"""Who looked at personal data behind the tokens of a message. What was seen is never kept."""

from __future__ import annotations

from service.domain.base import Frozen, Instant

LONGEST_PURPOSE = 500


class Reveal(Frozen):
    """One look at a message as it was sent; append-only. `tokens` were put in clear."""

    id: str
    case_id: str
    message_id: str
    community: str
    tokens: tuple[str, ...]
    by: str
    reason: str
    at: Instant
