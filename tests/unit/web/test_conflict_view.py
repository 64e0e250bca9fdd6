"""Marked texts are the texts themselves, cut where clauses clash."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.domain.conflict import Span
from service.web.pages.conflict_view import pieces_of

spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(
        lambda pair: Span(start=pair[0], end=pair[0] + pair[1])
    ),
    max_size=4,
)


@given(st.text(max_size=40), spans)
def test_pieces_join_to_the_text_and_mark_what_is_named(text: str, marks: list[Span]) -> None:
    pieces = list(pieces_of(text, marks))
    assert "".join(piece.text for piece in pieces) == text
    named = {place for one in marks for place in range(one.start, min(one.end, len(text)))}
    own = "".join(piece.text for piece in pieces if piece.own)
    assert own == "".join(text[place] for place in sorted(named))


@given(st.text(min_size=3, max_size=40), spans)
def test_a_sentence_keeps_the_marks_that_lie_in_it(text: str, marks: list[Span]) -> None:
    within = Span(start=1, end=len(text))
    pieces = list(pieces_of(text, marks, within))
    assert "".join(piece.text for piece in pieces) == text[1:]
