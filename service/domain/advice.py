"""What the data suggests for a new post, with what it rests on."""

from __future__ import annotations

from pydantic import Field

from service.domain.base import Bilingual, Frozen
from service.domain.result import PostOutcome, Usual
from service.domain.slots import SlotAdvice

LEAST_CASES = 3
"""Cases of a week below which growth is chance."""


class Topic(Frozen):
    """A theme that grew, as enough people spoke of it in the last seven days."""

    theme_id: str
    name: Bilingual
    cases: int
    people: int
    before: int | None = Field(
        description="Cases of the seven days before; null when of fewer people than may be told."
    )
    link: str


class Advice(Frozen):
    """Earlier posts of a kind with their medians, hours and topics."""

    outcomes: tuple[PostOutcome, ...]
    usual: tuple[Usual, ...]
    slot: SlotAdvice
    topics: tuple[Topic, ...]
