"""Comparisons with production, the gate, and the suite that compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from service.domain.evaluation import (
    Crossing,
    Evaluation,
    Findings,
    Part,
    Promotion,
    Subject,
    SubjectKind,
    Trial,
)

if TYPE_CHECKING:
    from service.ports.store import UnitOfWork


class Evaluations(Protocol):
    """Comparisons; what is done or failed never changes."""

    async def lock(self) -> None:
        """Hold the list until the transaction ends."""
        ...

    async def add(self, evaluation: Evaluation, trial: Trial) -> None: ...
    async def get(self, evaluation_id: str) -> Evaluation | None: ...
    async def trial(self, evaluation_id: str) -> Trial | None: ...
    async def advance(self, evaluation: Evaluation) -> bool:
        """Write its present state; False where it was done or failed already."""
        ...

    async def unfinished(self, limit: int) -> tuple[Evaluation, ...]:
        """Those queued or under way, the oldest first."""
        ...

    async def of(self, subject: Subject, candidate: str, baseline: str) -> tuple[Evaluation, ...]:
        """Of exactly this subject and these hashes, newest first."""
        ...


class Promotions(Protocol):
    """What went past the gate; append-only."""

    async def add(self, promotion: Promotion, content: str | None = None) -> None: ...
    async def content(self, promotion_id: str) -> str | None:
        """What was kept with it."""
        ...

    async def kept(self, subject: Subject, candidate: str) -> str | None:
        """The content of this hash that was in production once; None where none was kept."""
        ...

    async def latest(self, subject: Subject) -> Promotion | None:
        """The newest of exactly this subject."""
        ...


class Gate(Protocol):
    """Stands before production."""

    async def cross(self, uow: UnitOfWork, crossing: Crossing) -> Promotion | None:
        """Let a change in and write down why, in the transaction that moves it; None where the
        gate is off.

        Raises:
            NotCompared: no passing comparison of exactly these hashes; says the remedy.
            InvalidInput: the reason of an override is too short or too long.
        """
        ...


class Comparisons(Protocol):
    """Where a comparison is asked for."""

    async def ask(self, uow: UnitOfWork, trial: Trial, *, by: str) -> Evaluation:
        """Ask for it in the transaction at hand, with the job that carries it out; the one of the
        same hashes that stands or is under way, where there is one.

        Raises:
            InvalidInput: the change is what production has.
        """
        ...


class PartSource(Protocol):
    """Where taxonomies and limits come from."""

    def configured(self) -> tuple[Part, ...]:
        """What files and settings say, one of each kind; one that cannot be used says why."""
        ...

    def shipped(self, kind: SubjectKind) -> Part:
        """What this release brings."""
        ...

    def read(self, kind: SubjectKind, content: str) -> Part:
        """A content with its hash.

        Raises:
            InvalidInput: it cannot be used; says why.
        """
        ...


class Suite(Protocol):
    """Compares a change with production over golden cases."""

    async def compare(self, trial: Trial) -> Findings:
        """Takes minutes; cancelling ends it.

        Raises:
            SuiteFailed: it could not be carried out; says nothing about the change.
        """
        ...


GatePolicies = Mapping[str, str]
"""Kind of subject to `required`, `advised` or `off`."""
