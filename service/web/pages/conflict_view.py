"""Two clauses that contradict each other, as the task page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.domain.conflict import ClauseConflict, ConflictSide, Difference, Span
from service.domain.draft import ContextPassage
from service.web.worddiff import Piece


class ClashSide(NamedTuple):
    """One clause's sentence cut where words clash, those words, and the clause's place among the
    page's clauses, from 1."""

    pieces: tuple[Piece, ...]
    words: str
    place: int


class Clash(NamedTuple):
    """Both sides and what they differ in."""

    differs: Difference
    sides: tuple[ClashSide, ...]


def pieces_of(text: str, marks: Sequence[Span], within: Span | None = None) -> Iterator[Piece]:
    """A text, or the stretch `within` of it, cut at its marks; joined the pieces are it again."""
    at, end = (within.start, within.end) if within else (0, len(text))
    for mark in sorted(marks, key=lambda one: one.start):
        start, stop = max(at, mark.start), min(end, mark.end)
        if start >= stop:
            continue
        if start > at:
            yield Piece(text[at:start], own=False)
        yield Piece(text[start:stop], own=True)
        at = stop
    if at < end:
        yield Piece(text[at:end], own=False)


def clash_of(conflict: ClauseConflict, passages: Sequence[ContextPassage]) -> Clash | None:
    """The conflict over the page's clauses, in their order; None where one of them is missing."""
    places = {one.clause_id: n for n, one in enumerate(passages, start=1)}
    if not conflict.clause_ids <= places.keys():
        return None
    found = ((places[side.clause_id], side) for side in conflict.sides)
    sides = (side_of(passages[n - 1].text, side, n) for n, side in found)
    return Clash(conflict.differs, tuple(sides))


def side_of(text: str, side: ConflictSide, place: int) -> ClashSide:
    """A side over the text of its clause."""
    words = ", ".join(mark.of(text) for mark in side.marks)
    return ClashSide(tuple(pieces_of(text, side.marks, side.sentence)), words, place)
