"""Thresholds that surely hold, and a best guess that is right as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from service.triage.calibration import Calibration, calibrate
from service.triage.confidence import Confidence, fit_confidence

Floats = NDArray[np.float64]


def rows(sure: Floats) -> Floats:
    """Two classes, the first the best guess."""
    return np.column_stack([sure, 1 - sure])


def thresholds(right: NDArray[np.bool_], precision: float, second: float = 1.0) -> Calibration:
    """Of texts whose confidence falls from 0.99 to 0.51 in this order."""
    return calibrate(
        rows(np.linspace(0.99, 0.51, len(right))),
        np.where(right, 0, 1),
        temperature=1.0,
        categories=2,
        precision=precision,
        second=second,
    )


def drawn(shown: Floats, seed: int, classes: int = 2) -> tuple[Floats, NDArray[np.int64]]:
    """Rows that state `shown` for class 0 and hold it as often as the curve of the test says."""
    others = np.repeat((1 - shown)[:, None] / (classes - 1), classes - 1, axis=1)
    truth = 0.5 + 0.8 * (shown - 0.5)
    right = np.random.default_rng(seed).random(len(shown)) < truth
    return np.column_stack([shown, others]), np.where(right, 0, 1)


def test_the_threshold_keeps_the_most_whose_precision_is_sure() -> None:
    right = np.arange(400) < 300
    made = thresholds(right, precision=0.9, second=0.99)

    assert made.coverage == pytest.approx(300 / made.precision / 400)
    assert 0.9 < made.precision < 0.93
    assert made.threshold < made.second
    assert made.accuracy == pytest.approx(0.75)


def test_few_texts_prove_nothing_however_right_they_are() -> None:
    assert thresholds(np.ones(90, dtype=bool), 0.97).threshold > 1
    assert thresholds(np.ones(110, dtype=bool), 0.97).threshold == pytest.approx(0.51)


def test_a_lucky_streak_of_a_few_in_many_gives_no_threshold() -> None:
    right = np.random.default_rng(5).random(4000) < 0.6
    right[:130] = True
    made = thresholds(right, 0.97)

    assert made.threshold > 1
    assert (made.coverage, made.precision) == (0.0, 1.0)


def test_the_bound_holds_on_new_texts_about_as_often_as_it_says() -> None:
    """Right as often as stated, so that what holds above a threshold is known."""
    held = []
    for seed in range(60):
        shown = np.sort(np.random.default_rng(seed).uniform(0.7, 1.0, 800))[::-1]
        right = np.random.default_rng(seed + 1000).random(800) < shown
        found = calibrate(
            rows(shown), np.where(right, 0, 1),
            temperature=1.0, categories=2, precision=0.95, second=1.0,
        ).threshold  # fmt: skip
        held.append(found > 1 or (1 + found) / 2 >= 0.95)

    assert np.mean(held) >= 0.9


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=300), st.floats(0.5, 0.99))
def test_what_is_kept_is_right_more_often_than_wanted(right: list[bool], wanted: float) -> None:
    made = thresholds(np.array(right), wanted)

    assert made.precision >= wanted
    assert made.threshold > 1 or made.coverage > 0


def test_a_guess_stated_too_surely_is_brought_down_to_how_often_it_is_right() -> None:
    shown = np.linspace(0.5, 0.999, 4000)
    made = fit_confidence(*drawn(shown, 1), 2)
    fresh, targets = drawn(shown, 2)
    top = made.apply(fresh, 2)[:, 0] > 0.85

    stated = made.apply(fresh, 2).max(axis=1)[top].mean()
    assert fresh.max(axis=1)[top].mean() - (targets[top] == 0).mean() > 0.02
    assert stated == pytest.approx((targets[top] == 0).mean(), abs=0.02)


def test_few_examples_move_less_than_many() -> None:
    def said(count: int) -> float:
        shown = np.full(count, 0.6)
        made = fit_confidence(rows(shown), np.zeros(count, dtype=np.int64), 2)
        return float(made.apply(rows(np.array([0.6])), 2)[0, 0])

    assert 0.6 < said(3) < 0.85
    assert said(300) > 0.95


def test_weights_that_change_nothing_change_nothing() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])

    np.testing.assert_allclose(Confidence().apply(probabilities, 3), probabilities, atol=1e-5)


def test_a_text_taken_for_none_of_the_classes_keeps_what_was_said_of_it() -> None:
    probabilities = np.array([[0.2, 0.1, 0.7], [0.6, 0.3, 0.1]])
    made = Confidence(2.0, 2.0, 1.0).apply(probabilities, 2)

    np.testing.assert_allclose(made[0], probabilities[0], atol=1e-6)
    assert made[1, 0] > probabilities[1, 0]


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (4, 5), elements=st.floats(0.0, 1.0)),
    st.floats(0.0, 3.0), st.floats(0.0, 3.0), st.floats(-4.0, 4.0),
)  # fmt: skip
def test_the_best_class_stays_the_best_and_rows_stay_shares_of_one(
    drawn_rows: Floats, rise: float, fall: float, shift: float
) -> None:
    probabilities = (drawn_rows + 1e-4) / (drawn_rows + 1e-4).sum(axis=1, keepdims=True)
    made = Confidence(rise, fall, shift).apply(probabilities, 5)

    np.testing.assert_allclose(made.sum(axis=1), 1.0, atol=1e-5)
    assert (made >= 0).all()
    best = probabilities.argmax(axis=1)
    np.testing.assert_allclose(made[np.arange(4), best], made.max(axis=1), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 3.0), st.floats(0.0, 3.0), st.floats(-4.0, 4.0))
def test_surer_in_is_never_less_sure_out(rise: float, fall: float, shift: float) -> None:
    made = Confidence(rise, fall, shift).apply(rows(np.linspace(0.5, 0.9999, 50)), 2)

    assert (np.diff(made[:, 0]) >= -1e-6).all()
