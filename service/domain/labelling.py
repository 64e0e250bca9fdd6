"""People judge texts by rubrics: what they are shown, what they say, who is asked for it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from service.domain.base import Bilingual, Frozen, Instant, Lang

LEASE = timedelta(minutes=10)
"""How long an item shown to somebody is not shown to others."""

LONGEST_NOTE = 500
LONGEST_TEXT = 8000
MOST_SOURCES = 20
SECOND_PERCENT = 30
"""Of a hundred items, how many are shown to a second person."""

EVERYBODY = 0
"""Asked for by golden items."""


class Scale(StrEnum):
    """What a rubric's values are: `pass_fail` 1 passes and 2 fails; `three` 1 bad to 3 good."""

    PASS_FAIL = "pass_fail"  # noqa: S105 a scale
    THREE = "three"

    @property
    def values(self) -> tuple[int, ...]:
        """Every value, in the order of their keys."""
        return (1, 2) if self is Scale.PASS_FAIL else (1, 2, 3)


class About(StrEnum):
    """What a rubric judges."""

    REPLY = "reply"
    """A text for a member."""
    TRIAGE = "triage"
    """What triage said of a member's text."""


class Anchor(Frozen):
    """An example of one value; `why` says what makes it one."""

    value: int
    example: Bilingual
    why: Bilingual


class Rubric(Frozen):
    """One criterion. `hash` is of the whole file, so that a changed text is another rubric."""

    id: str
    version: int
    hash: str
    about: About = About.REPLY
    scale: Scale
    title: Bilingual
    criterion: Bilingual
    anchors: tuple[Anchor, ...]


class Material(Frozen):
    """What a labeller sees, and all of it; redacted. `sources` are the clauses the text had."""

    question: str = Field("", max_length=LONGEST_TEXT)
    answer: str = Field(min_length=1, max_length=LONGEST_TEXT)
    sources: tuple[str, ...] = Field((), max_length=MOST_SOURCES)


class NewItem(Frozen):
    """A text from elsewhere, such as an evaluation's output. `ref` is the giver's own name for it;
    `golden` the value known to be right."""

    ref: str = Field(min_length=1, max_length=200)
    lang: Lang
    material: Material
    golden: int | None = Field(None, ge=1, le=3)


class LabelItem(Frozen):
    """A text to be judged by one rubric: a draft's or a triage's, which stays where it is, or a
    given one.

    `wanted` is how many people are asked; 0 asks everybody, as for golden ones.
    """

    id: str
    community: str
    rubric: str
    ref: str
    draft_id: str | None
    triage_id: str | None = None
    material: Material | None
    lang: Lang
    golden: int | None
    wanted: int
    added_by: str
    created_at: Instant


class Work(Frozen):
    """What is handed to a labeller: no author, model, origin or other person's word."""

    item_id: str
    rubric: str
    lang: Lang
    material: Material


class Rater(StrEnum):
    """Who judged."""

    PERSON = "person"
    JUDGE = "judge"


class Label(Frozen):
    """One word on one item; appended, the last of a rater counts. `value` None is a skip, and where
    `undone` is set the rater took the word before back."""

    id: str
    item_id: str
    rubric_version: int
    rubric_hash: str
    rater: Rater
    by: str
    value: int | None
    note: str
    undone: bool = False
    at: Instant


class Judged(Frozen):
    """A label that counts with what it is about; for agreement and export."""

    item_id: str
    ref: str
    rubric: str
    rubric_version: int
    lang: Lang
    golden: int | None
    rater: Rater
    by: str
    value: int
    note: str
    at: Instant


class Progress(Frozen):
    """How far the labels of a rubric are: `open` items still lack a person."""

    rubric: str
    items: int
    open: int
    mine: int


def wanted_for(ref: str) -> int:
    """How many people judge an item: two for a fixed share, by its name alone."""
    place = int(hashlib.sha256(ref.encode()).hexdigest()[:8], 16) % 100
    return 2 if place < SECOND_PERCENT else 1
