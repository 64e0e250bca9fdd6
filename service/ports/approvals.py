"""What the store keeps of approval policies."""

from __future__ import annotations

from typing import Protocol

from service.domain.approval import PolicyVersion


class Approvals(Protocol):
    """Append-only policies; the newest of a community decides."""

    async def add(self, version: PolicyVersion) -> None: ...
    async def newest(self, community: str, *, lock: bool = False) -> PolicyVersion | None:
        """The one in force, if the community ever set one; `lock` holds its policies until the
        transaction ends."""
        ...

    async def history(self, community: str, limit: int) -> tuple[PolicyVersion, ...]:
        """Newest first."""
        ...
