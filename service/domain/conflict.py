"""Two clauses of different documents that cannot both hold."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from service.domain.base import Frozen


class Difference(StrEnum):
    """What two clauses differ in: a value of the same thing, or what one permits or spares and the
    other forbids or demands."""

    VALUE = "value"
    PERMISSION = "permission"


class Span(Frozen):
    """A stretch of a text, in characters; never empty."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)

    @model_validator(mode="after")
    def _not_empty(self) -> Span:
        if self.start >= self.end:
            raise ValueError("a span ends behind its start")
        return self

    def of(self, text: str) -> str:
        """What stands there."""
        return text[self.start : self.end]


class ConflictSide(Frozen):
    """One of the two: the clause as it read, its sentence, and the words in it that clash. All
    places are in the clause's text."""

    clause_id: str
    version: int
    sentence: Span
    marks: tuple[Span, ...] = Field(min_length=1)


class ClauseConflict(Frozen):
    """Why a reply is held: the clause that fits the question better comes first."""

    differs: Difference
    sides: tuple[ConflictSide, ConflictSide]

    @property
    def clause_ids(self) -> frozenset[str]:
        """The two clauses."""
        return frozenset(side.clause_id for side in self.sides)
