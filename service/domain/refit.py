"""What learning from examples changed, measured on texts the compared heads did not see."""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Instant


class SliceScore(Frozen):
    """One slice of the held-back texts before and after; `name` is a category id, a language, or
    `all`. Scores are shares from 0 to 1: F1 of a category, macro F1 of a language and of all."""

    name: str
    texts: int
    f1_before: float
    f1_after: float
    recall_before: float
    recall_after: float
    critical: bool = False


class Loss(Frozen):
    """A slice that became worse than the bound allows."""

    name: str
    measure: str
    before: float
    after: float


class Comparison(Frozen):
    """Before and after on the same held-back texts.

    `before` and `after` name the sets of examples; `trained` counts the texts of the new head.
    """

    before: str
    after: str
    trained: int
    held_back: int
    slices: tuple[SliceScore, ...]
    losses: tuple[Loss, ...]

    @property
    def worse(self) -> bool:
        """Whether a person must decide."""
        return bool(self.losses)


class RefitVerdict(StrEnum):
    """`insisted`: adopted by a person although a slice became worse."""

    ADOPTED = "adopted"
    HELD = "held"
    INSISTED = "insisted"


class Refit(Frozen):
    """One comparison and what followed; append-only. `community` None: for every community."""

    id: str
    community: str | None
    verdict: RefitVerdict
    example_ids: tuple[str, ...]
    report: Comparison
    by: str
    reason: str = ""
    created_at: Instant
