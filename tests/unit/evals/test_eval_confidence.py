"""What confidence is worth: calibration error, and what abstention keeps and buys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.confidence import abstention_curve, calibration_error, kept_at, reliability

CASES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def arrays(
    cases: list[tuple[float, bool]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.bool]]]:
    return np.array([sure for sure, _ in cases]), np.array(
        [right for _, right in cases], dtype=bool
    )


def test_a_confidence_that_keeps_its_word_has_no_error() -> None:
    confidence, right = arrays([(0.75, True), (0.75, True), (0.75, True), (0.75, False)])
    bins = reliability(confidence, right)

    assert [(item.accuracy, item.n) for item in bins] == [(0.75, 4)]
    assert calibration_error(bins) == pytest.approx(0.0)


def test_bins_weigh_by_their_cases() -> None:
    confidence, right = arrays([(1.0, True), (1.0, True), (1.0, True), (0.05, True)])

    assert calibration_error(reliability(confidence, right)) == pytest.approx(0.95 / 4)
    assert calibration_error(()) is None


def test_the_curve_keeps_the_surest_first_and_ties_together() -> None:
    confidence, right = arrays([(0.5, False), (0.9, True), (0.5, True), (0.8, True)])
    curve = abstention_curve(confidence, right)

    assert [kept.coverage for kept in curve] == [0.25, 0.5, 1.0]
    assert [kept.accuracy for kept in curve] == [1.0, 1.0, 0.75]


def test_the_most_is_kept_that_is_still_right_enough() -> None:
    curve = abstention_curve(*arrays([(0.9, True), (0.8, False), (0.7, True), (0.6, True)]))

    best = kept_at(curve, 0.75)
    assert best is not None
    assert (best.confidence, best.coverage) == (0.6, 1.0), "an early error does not end the search"
    assert kept_at(abstention_curve(*arrays([(0.9, False)])), 0.5) is None
    assert abstention_curve(*arrays([])) == ()


@given(CASES)
def test_the_curve_ends_with_everything_and_never_keeps_less(
    cases: list[tuple[float, bool]],
) -> None:
    confidence, right = arrays(cases)
    curve = abstention_curve(confidence, right)

    assert curve[-1].coverage == 1.0
    assert curve[-1].accuracy == pytest.approx(right.mean())
    for kept in curve:
        chosen = confidence >= kept.confidence
        assert kept.coverage == pytest.approx(chosen.mean())
        assert kept.accuracy == pytest.approx(right[chosen].mean())


@given(CASES)
def test_the_error_is_a_share_and_every_case_is_in_a_bin(cases: list[tuple[float, bool]]) -> None:
    bins = reliability(*arrays(cases))
    error = calibration_error(bins)

    assert sum(item.n for item in bins) == len(cases)
    assert error is not None
    assert 0 <= error <= 1
