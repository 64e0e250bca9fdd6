"""What is known of quality: how far people and judges agree, what became of drafts."""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Lang


class Estimate(Frozen):
    """A figure over `n` cases with its 95 % interval; None where too little is known to say."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class Sides(StrEnum):
    """Whose words are compared."""

    PEOPLE = "people"
    JUDGE = "judge"


class Agreement(Frozen):
    """Cohen's kappa of one rubric in one language (None: all), weighted by squared distance on
    scales of more than two values. `same` is the share of equal values. `may_gate` is only ever
    true of a judge in a language."""

    rubric: str
    lang: Lang | None
    sides: Sides
    judge: str | None
    kappa: Estimate
    same: Estimate
    may_gate: bool


class Accuracy(Frozen):
    """How often a rater met the known value of golden texts."""

    by: str
    labels: int
    golden: int
    right: int
    share: Estimate
