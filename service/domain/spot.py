"""Spot checks: a random share of what was really said, put before people who judge blind."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from service.domain.base import Frozen, Instant, Lang, Probability
from service.domain.draft import Origin
from service.domain.labelling import About, Rater
from service.domain.quality import Estimate

BY = "spot"
"""Who adds the items of a draw."""


class SpotCheck(Frozen):
    """One thing that was drawn; appended. It holds no text, only where the text is. `ref` is the
    name its items have: `draft:<id>` or `triage:<id>`."""

    ref: str
    community: str
    about: About
    draft_id: str | None
    triage_id: str | None
    case_id: str
    lang: Lang
    made_at: Instant
    drawn_at: Instant


class SpotDraw(Frozen):
    """That a day was drawn from: it happens once. `made` is how many there were, `share` and `most`
    what was set then."""

    community: str
    about: About
    since: Instant
    made: int
    drawn: int
    share: Probability
    most: int
    at: Instant


class SpotFrame(Frozen):
    """How much of the work of some days was drawn."""

    about: About
    made: int
    drawn: int


class Spotted(Frozen):
    """A drawn thing as figures split it; prompt and version only of what a model wrote."""

    ref: str
    about: About
    lang: Lang
    origin: Origin | None = None
    template: str | None = None
    version: int | None = None


class SpotSplit(StrEnum):
    """What figures are split by besides rubric and language."""

    NOTHING = "nothing"
    VERSION = "version"


class SpotFigures(Frozen):
    """How much of what was drawn passes one rubric, by one kind of rater.

    People's word is the first person's on each text. A judge is there only where people bear it
    out. `few` says that too few are judged to compare with; `passed` is unknown where none is.
    """

    about: About
    rubric: str
    lang: Lang
    origin: Origin | None
    template: str | None
    version: int | None
    rater: Rater
    judge: str | None
    drawn: int = Field(description="Texts drawn.")
    judged: int = Field(description="Texts of them that got a value.")
    few: bool
    passed: Estimate
