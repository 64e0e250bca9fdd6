"""The calibration questions are sound, and the fit does what it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evals import datasets
from retrieval.calibrate import (
    UNANSWERABLE,
    Example,
    asked_weights,
    best_threshold,
    expected_error,
    fit,
    found_f1,
)
from retrieval.calibration.sets import own_sets
from retrieval.confidence import Features
from service import sample

SAMPLE = Path(sample.__file__).parent
GOLDEN = Path(datasets.__file__).parent


def _grams(text: str) -> frozenset[str]:
    plain = "".join(text.lower().split())
    return frozenset(plain[i : i + 3] for i in range(len(plain) - 2))


def _golden() -> list[str]:
    lines = [
        json.loads(line)
        for name in ("retrieval.jsonl", "drafts.jsonl")
        for line in (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    ]
    return [line.get("query") or line["text"] for line in lines]


def test_every_expected_clause_exists_and_both_kinds_are_there() -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    for given in own_sets(SAMPLE):
        ids = {clause.id for clause in given.clauses}
        for asked in given.asked:
            assert asked.relevant <= ids, asked.text
            counts[asked.lang, bool(asked.relevant)] += 1
    assert sum(n for (_, answerable), n in counts.items() if answerable) >= 150
    assert sum(n for (_, answerable), n in counts.items() if not answerable) >= 80
    assert min(counts.values()) >= 30


def test_no_golden_line_is_used() -> None:
    golden = [_grams(line) for line in _golden()]
    for given in own_sets(SAMPLE):
        for asked in given.asked:
            own = _grams(asked.text)
            alike = max(len(own & other) / max(len(own | other), 1) for other in golden)
            assert alike < 0.4, asked.text


def _example(lead: float, success: bool) -> Example:
    return Example(Features(lead, lead / 2, lead / 3, lead * 9, -lead), success, success, "zh")


def test_the_fit_is_a_probability() -> None:
    rng = np.random.default_rng(1)
    leads = rng.uniform(0, 1, 400)
    own = [_example(float(x), bool(rng.random() < x)) for x in leads]
    model = fit(own, [])
    confidence = np.array([model.probability(example.features) for example in own])
    success = np.array([example.success for example in own])
    assert expected_error(confidence, success, asked_weights(own)) < 0.1
    assert np.corrcoef(confidence, leads)[0, 1] > 0.9


def test_expected_error_is_the_gap_between_said_and_seen() -> None:
    said, seen = np.array([0.95, 0.95, 0.05, 0.05]), np.array([True, True, True, True])
    assert expected_error(said, seen, np.ones(4)) == pytest.approx((0.1 + 1.9) / 4)
    first_only = np.array([1.0, 1.0, 0.0, 0.0])
    assert expected_error(said, seen, first_only) == pytest.approx(0.05)


def test_questions_without_an_answer_weigh_as_they_are_asked_not_as_they_were_written() -> None:
    own = [_example(0.5 + n / 100, n < 10) for n in range(20)]
    weights = asked_weights(own)
    assert weights[10:].sum() / weights.sum() == pytest.approx(UNANSWERABLE)
    model = fit(own, [])
    confidence = np.array([model.probability(example.features) for example in own])
    assert np.average(confidence, weights=weights) == pytest.approx(1 - UNANSWERABLE, abs=0.01)


def test_the_stricter_of_equal_thresholds_wins() -> None:
    confidence = np.array([0.1, 0.2, 0.7, 0.9])
    answerable = np.array([False, False, True, True])
    assert best_threshold(confidence, answerable) == 0.7
    assert found_f1(confidence, answerable, 0.7) == 1.0
    assert found_f1(confidence, answerable, 0.95) < 0.5
