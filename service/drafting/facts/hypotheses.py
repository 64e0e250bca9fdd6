"""Why an event went as it did: measured candidates, set beside earlier events.

A cause is supported where the event's measure lies outside what earlier events had, on the bad
side. That is coincidence, not proof: the text may only say that the data fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from service.domain.draft import HypothesisVerdict

LEAST = 2
"""Earlier events that a comparison takes."""

QUARTERS_FROM = 4
"""Earlier events from which the middle half is the spread; of fewer it is the whole range."""


class Measure(StrEnum):
    """What is measured of an event; each is a candidate cause."""

    REACH = "reach"
    LEAD_TIME = "lead_time"
    SLOT = "slot"
    CLASH = "clash"
    INTEREST = "interest"
    PARTICIPATION = "participation"
    SHOW_UP = "show_up"
    FEEDBACK = "feedback"
    RETURN = "return"
    NEGATIVE = "negative"
    COMPLAINTS = "complaints"


_BAD_HIGH = frozenset({Measure.CLASH, Measure.NEGATIVE, Measure.COMPLAINTS})
"""Measures that speak for a cause when they are high; the others when they are low."""


class Spread(NamedTuple):
    """What earlier events had."""

    median: Fraction
    low: Fraction
    high: Fraction


def spread(values: Sequence[Fraction]) -> Spread | None:
    """Median and spread of earlier events; None of too few."""
    if len(values) < LEAST:
        return None
    ordered = sorted(values)
    middle = Fraction(median(ordered))
    if len(ordered) < QUARTERS_FROM:
        return Spread(middle, ordered[0], ordered[-1])
    return Spread(middle, _quantile(ordered, Fraction(1, 4)), _quantile(ordered, Fraction(3, 4)))


def judge(measure: Measure, value: Fraction | None, others: Spread | None) -> HypothesisVerdict:
    """What the data say of a cause."""
    if measure is Measure.CLASH and value == 0:
        return HypothesisVerdict.CONTRADICTED
    if value is None or others is None:
        return HypothesisVerdict.UNTESTED
    bad = value > others.high if measure in _BAD_HIGH else value < others.low
    return HypothesisVerdict.SUPPORTED if bad else HypothesisVerdict.CONTRADICTED


def _quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """By linear interpolation between the two nearest values."""
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
