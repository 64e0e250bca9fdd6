"""What the store keeps of posts' results."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from pydantic import Field

from service.domain.base import Frozen, Instant
from service.domain.result import PostResult


class ResultFilter(Frozen):
    """Filters of posts with results; None leaves a filter out."""

    kind: str | None = Field(None, max_length=64)
    channel: str | None = Field(None, max_length=200)
    since: Instant | None = None


class Results(Protocol):
    """Append-only; part of the unit of work."""

    async def add(self, results: Sequence[PostResult]) -> int:
        """Store those that are not there yet; how many were new."""
        ...

    async def of_post(self, request_id: str, limit: int) -> tuple[PostResult, ...]:
        """Newest first."""
        ...

    async def newest(self, request_ids: Collection[str]) -> tuple[PostResult, ...]:
        """The count of each metric of each post that counts."""
        ...

    async def posts_in(self, community: str, request_ids: Collection[str]) -> frozenset[str]:
        """Those ids that are posts of the community."""
        ...
