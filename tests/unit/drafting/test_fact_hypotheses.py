"""What is supported, contradicted and untested of an event's possible causes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.base import Lang
from service.domain.draft import HypothesisVerdict
from service.drafting.facts.hypotheses import Measure, Spread, judge, spread
from service.drafting.facts.words import load_words

SHARES = st.lists(st.fractions(0, 1), min_size=2, max_size=8)
USUAL = Spread(Fraction(1, 2), Fraction(2, 5), Fraction(3, 5))
UNTESTED = HypothesisVerdict.UNTESTED
SUPPORTED = HypothesisVerdict.SUPPORTED
CONTRADICTED = HypothesisVerdict.CONTRADICTED


def test_two_earlier_events_make_a_comparison() -> None:
    assert spread([]) is None
    assert spread([Fraction(1)]) is None
    assert spread([Fraction(1), Fraction(3)]) == Spread(Fraction(2), Fraction(1), Fraction(3))


def test_of_many_the_middle_half_is_usual() -> None:
    found = spread([Fraction(n) for n in (1, 2, 3, 4, 100)])
    assert found == Spread(Fraction(3), Fraction(2), Fraction(4))


@given(SHARES)
def test_a_spread_holds_its_median(values: list[Fraction]) -> None:
    found = spread(values)
    assert found is not None
    assert min(values) <= found.low <= found.median <= found.high <= max(values)


@pytest.mark.parametrize(
    ("measure", "value", "others", "verdict"),
    [
        (Measure.PARTICIPATION, Fraction(1, 5), USUAL, SUPPORTED),
        (Measure.PARTICIPATION, Fraction(2, 5), USUAL, CONTRADICTED),
        (Measure.PARTICIPATION, Fraction(1), USUAL, CONTRADICTED),
        (Measure.NEGATIVE, Fraction(4, 5), USUAL, SUPPORTED),
        (Measure.NEGATIVE, Fraction(1, 5), USUAL, CONTRADICTED),
        (Measure.SHOW_UP, None, USUAL, UNTESTED),
        (Measure.SHOW_UP, Fraction(1, 5), None, UNTESTED),
        (Measure.CLASH, Fraction(0), None, CONTRADICTED),
        (Measure.CLASH, Fraction(2), None, UNTESTED),
        (Measure.CLASH, Fraction(2), Spread(Fraction(0), Fraction(0), Fraction(1)), SUPPORTED),
    ],
)
def test_verdicts(
    measure: Measure, value: Fraction | None, others: Spread | None, verdict: HypothesisVerdict
) -> None:
    assert judge(measure, value, others) is verdict


@pytest.mark.parametrize("measure", list(Measure))
def test_every_measure_has_its_words(measure: Measure) -> None:
    words = load_words()
    for lang in Lang:
        assert words.label("measures", measure.value, lang)
        assert words.label("hypotheses", measure.value, lang)
