"""Pairs of clauses: apart from those the head is fitted on, and scored by what is at stake."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from evals.cases import Sample
from evals.cases_clauses import ConflictsAnswer, ConflictsExpect
from evals.conflict_fit import DEV, Row, fit, told, unseen
from evals.datasets import load
from evals.registry import Answered
from evals.scorers.conflicts import CROSSED, conflicts
from service.domain.base import Lang
from service.domain.conflict import Difference
from service.drafting.support.contradiction import NAMES

KINDS = ("subject", "same", "exception", "unit", "period", "range", "general")


def _texts(samples: tuple[Sample, ...]) -> set[str]:
    others = {one.expect.other for one in samples if isinstance(one.expect, ConflictsExpect)}
    return others | {one.text for one in samples}


def test_held_pairs_share_nothing_with_those_fitted_on() -> None:
    held, dev = load("conflicts").samples, load("conflicts", DEV).samples
    assert not _texts(held) & _texts(dev)


def test_half_are_harmless_and_every_way_to_be_is_there() -> None:
    samples = load("conflicts").samples
    clash = Counter(
        one.expect.differs for one in samples if isinstance(one.expect, ConflictsExpect)
    )
    assert clash[None] == clash[Difference.VALUE] + clash[Difference.PERMISSION]
    assert min(clash.values()) >= 8
    harmless = Counter(tag for one in samples for tag in one.tags)
    assert all(harmless[kind] >= 2 for kind in KINDS)
    assert harmless[CROSSED] >= 12


def case(
    expected: Difference | None, said: Difference | None, *, crossed: bool = False
) -> Answered:
    sample = Sample(
        id="c", lang=Lang.ZH, text="七天内。", tags=(CROSSED,) if crossed else (),
        expect=ConflictsExpect(
            other="三天内。", other_lang=Lang.ZH, differs=expected,
            marks=("七天", "三天") if expected else None,
        ),
    )  # fmt: skip
    marks = (("七天",), ("三天",)) if said is Difference.VALUE else (("内",), ("内",))
    return sample, ConflictsAnswer(differs=said, marks=marks)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (case(Difference.VALUE, Difference.VALUE),
         {"found": 1, "precision": 1, "differs": 1, "marked": 1}),
        (case(Difference.VALUE, Difference.PERMISSION),
         {"found": 1, "precision": 1, "differs": 0, "marked": 0}),
        (case(Difference.VALUE, None, crossed=True), {"found": 0, "found_crossed": 0}),
        (case(None, Difference.VALUE), {"precision": 0, "left_alone": 0}),
        (case(None, None), {"left_alone": 1}),
    ],
)  # fmt: skip
def test_scores_say_what_was_missed(given: Answered, expected: dict[str, int]) -> None:
    scored = {one.metric: one.value for one in conflicts(given) if one.unscored is None}
    assert scored == expected


def test_the_head_learns_nearness_and_keeps_strangers_apart() -> None:
    near = [Row((0.9 - n / 100, 0.8, 0.0, 0.0, 0.3), True, 1.0, f"a{n}") for n in range(20)]
    far = [Row((0.4 - n / 100, 0.4, 0.0, 0.0, 0.3), False, 1.0, f"b{n}") for n in range(20)]
    rows = [*near, *far, Row(None, True, 1.0, "none"), Row((0.2, 0.2, 0, 0, 0), False, 0.15, "s")]
    head = fit(rows, "e")
    assert set(head.weights) == set(NAMES)
    assert (
        head.chance((0.9, 0.8, 0.0, 0.0, 0.3)) > head.least > head.chance((0.3, 0.4, 0.0, 0.0, 0.3))
    )
    chances = unseen(rows)
    assert np.all(chances[:20] > chances[20:40].max())
    assert chances[40] == 0
    assert "0.5: recall 0.95, precision 1.00, 0 strange" in told(rows, chances)
