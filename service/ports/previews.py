"""Replays of a change on a community's own cases: what is kept, and the engines of both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from retrieval.types import FloatMatrix, Retrieval
from service.domain.evaluation import Subject, Trial
from service.domain.preview import Preview, PreviewFlip
from service.ports.engines import Drafter, Triager


class Previews(Protocol):
    """Replays and their flips; what is done or failed never changes."""

    async def lock(self) -> None:
        """Hold the list until the transaction ends."""
        ...

    async def add(self, preview: Preview, trial: Trial) -> None: ...
    async def get(self, preview_id: str) -> Preview | None: ...
    async def trial(self, preview_id: str) -> Trial | None: ...
    async def advance(self, preview: Preview, flips: Sequence[PreviewFlip] = ()) -> bool:
        """Write its present state with the flips; False where it was done or failed already."""
        ...

    async def waiting(self, like: Preview) -> Preview | None:
        """One of the same change, community and window that is queued or under way."""
        ...

    async def unfinished(self, limit: int) -> tuple[Preview, ...]:
        """Those queued or under way, the oldest first."""
        ...

    async def newest(self, community: str, subject: Subject, candidate: str) -> Preview | None:
        """The last one of this change on the community's cases."""
        ...

    async def cases(self, community: str, since: datetime) -> int:
        """How many triaged cases were written to since then."""
        ...


class PreviewRules(Protocol):
    """Searches a community's clauses. Blocking: run it in a thread."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Document id to title."""
        ...

    def search(self, texts: Sequence[str]) -> tuple[Retrieval, ...]:
        """What each redacted text finds.

        Raises:
            EmbedderUnavailable: no vectors now; the caller retries later.
        """
        ...


@dataclass(frozen=True)
class Side:
    """The engines of one side. `triager` None: stored triages stand. A part that both sides share
    is the same object in both."""

    triager: Triager | None
    rules: PreviewRules
    drafter: Drafter


class Memory(Protocol):
    """Vectors that need not be made again, for as long as one replay runs."""

    @property
    def fingerprint(self) -> str:
        """Of the embedder whose vectors it takes."""
        ...

    def renew(self, texts: Sequence[str], vectors: FloatMatrix | None) -> None:
        """Forget, then know these: row i is the vector of text i as a query. In between nothing is
        forgotten, so both sides see the same vectors."""
        ...


@dataclass(frozen=True)
class Sides:
    """Production and the change; `in_force` names what production is made of."""

    before: Side
    after: Side
    memory: Memory
    in_force: str


class PreviewBench(Protocol):
    """Builds the engines of both sides from what a comparison needs."""

    async def build(self, community: str, trial: Trial) -> Sides:
        """Both from the same parts in force, so that only the change tells them apart.

        Raises:
            InvalidInput: the change cannot be used.
            EmbedderUnavailable: no vectors now; the caller retries later.
        """
        ...
