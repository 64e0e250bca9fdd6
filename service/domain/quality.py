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


class SplitBy(StrEnum):
    """What figures of a version are split by besides."""

    NOTHING = "nothing"
    CATEGORY = "category"
    LANG = "lang"


class DecidedText(Frozen):
    """One draft with the decision that closed it. `version` is None where the prompt's text is no
    stored version; `seconds` run from the task to the decision; `last` is the text decided on."""

    template: str
    version: int | None
    category: str | None
    lang: Lang
    verdict: str
    seconds: float
    first: str
    last: str


class OnlineFigures(Frozen):
    """What people decided about the texts of one prompt version, of those `n`.

    `accepted` as they were, `edited` and sent, `rejected`: shares. `seconds` is the median wait for
    a decision, `distance` the mean edit distance of the edited, 0 the same to 1 nothing kept.
    `few` says that `n` is too small to compare with.
    """

    template: str
    version: int | None
    category: str | None
    lang: Lang | None
    n: int
    few: bool
    accepted: Estimate
    edited: Estimate
    rejected: Estimate
    seconds: Estimate
    distance: Estimate
