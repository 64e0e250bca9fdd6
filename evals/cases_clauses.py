"""Golden pairs of clauses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from service.domain.base import Frozen, Lang
from service.domain.conflict import Difference


class ConflictsExpect(Frozen):
    """Another document's clause, and what the two differ in where they cannot both hold. `marks`
    are the words of each that say so, the case's own first."""

    task: Literal["conflicts"] = "conflicts"
    other: str = Field(min_length=1)
    other_lang: Lang
    differs: Difference | None = None
    marks: tuple[str, str] | None = None

    @model_validator(mode="after")
    def _marked_where_differing(self) -> ConflictsExpect:
        if self.marks is not None and self.differs is None:
            raise ValueError("only clauses that differ have marks")
        return self


class ConflictsAnswer(Frozen):
    """What the drafting engine sees between them; None: nothing. `marks` as it marks them."""

    task: Literal["conflicts"] = "conflicts"
    differs: Difference | None = None
    marks: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
