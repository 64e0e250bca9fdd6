"""What the store keeps of themes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from retrieval.types import FloatMatrix, FloatVector
from service.domain.theme import Theme, ThemeChange, ThemeLink, ThemeMember, ThemeRun
from service.ports.engines import ThemeFrame


class CaseMaterial(NamedTuple):
    """What clustering needs of a triaged case; `text` is redacted, `signals` are kinds."""

    case_id: str
    author: str
    last_at: datetime
    category: str | None
    text: str
    signals: frozenset[str]


class Material(NamedTuple):
    """Cases and their vectors, row by row."""

    cases: tuple[CaseMaterial, ...]
    vectors: FloatMatrix


class StoredFrame(NamedTuple):
    """Where the themes of the newest run lie; `theme_ids[i]` is row i of the frame.

    `fingerprint` names the embedder whose vectors fit.
    """

    fingerprint: str
    theme_ids: tuple[str, ...]
    frame: ThemeFrame


class FoundTheme(NamedTuple):
    """What one run found of a theme."""

    theme_id: str
    size: int
    authors: int
    growth: float
    centre: FloatVector
    reach: float


class Themes(Protocol):
    """Lasting themes, runs, descent, and the theme of each case."""

    async def material(self, community: str, *, since: datetime, limit: int) -> Material:
        """Triaged cases written to since then, newest first."""
        ...

    async def material_of(self, case_ids: Collection[str]) -> Material:
        """The same of these cases, as far as they are triaged."""
        ...

    async def living(self, community: str, *, lock: bool = False) -> tuple[Theme, ...]:
        """Themes and topics that were not retired; `lock` holds them until the transaction ends."""
        ...

    async def get(self, theme_id: str, *, lock: bool = False) -> Theme | None: ...
    async def save(self, theme: Theme) -> None: ...
    async def members(self, community: str) -> Mapping[str, str]:
        """Case id to theme id, of all cases in a theme."""
        ...

    async def cases_of(self, theme_id: str) -> tuple[str, ...]: ...
    async def samples(self, theme_id: str, count: int) -> tuple[str, ...]:
        """Redacted excerpts nearest the theme's centre."""
        ...

    async def centres(self, theme_ids: Collection[str]) -> Mapping[str, FloatVector]:
        """The centre each theme had in the newest run that found it."""
        ...

    async def newest_run(self, community: str) -> ThemeRun | None: ...
    async def frame(self, community: str) -> StoredFrame | None:
        """That of the newest run; None before the first."""
        ...

    async def links(self, community: str) -> tuple[ThemeLink, ...]: ...
    async def add_links(self, links: Sequence[ThemeLink]) -> None: ...
    async def add_change(self, change: ThemeChange) -> None: ...
    async def save_run(
        self,
        run: ThemeRun,
        stored: StoredFrame,
        themes: Sequence[Theme],
        found: Sequence[FoundTheme],
        members: Sequence[ThemeMember],
        *,
        since: datetime,
    ) -> None:
        """Store a run, its themes (new and changed) and what it found of them. `members` replace
        those of all cases written to since then, but for cases placed after the run was made."""
        ...

    async def put(self, community: str, members: Sequence[ThemeMember], at: datetime) -> None:
        """Put cases into themes, out of those they were in, and count the figures anew."""
        ...

    async def move(self, from_theme: str, to_theme: str, at: datetime) -> int:
        """Move every case; how many."""
        ...

    async def outdated(self, before: datetime, *, first_from: int, limit: int) -> tuple[str, ...]:
        """Communities whose newest run is older, or that have none and so many cases."""
        ...
