"""Golden pairs of duplicates are whole, and the scorers tell joining from suggesting."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from evals.cases import DuplicatesAnswer, DuplicatesExpect, PairKind, Sample
from evals.datasets import load
from evals.registry import Answered, Registry
from evals.slices import slices_of
from service.domain.base import Lang


def expects(sample: Sample) -> DuplicatesExpect:
    assert isinstance(sample.expect, DuplicatesExpect)
    return sample.expect


def test_every_group_has_all_kinds_in_both_languages() -> None:
    samples = load("duplicates").samples
    groups = {(sample.id.split("-")[1], sample.lang) for sample in samples}
    assert len(groups) >= 50
    kinds = Counter((sample.lang, expects(sample).kind) for sample in samples)
    assert {kind for _, kind in kinds} == set(get_args(PairKind))
    for kind in get_args(PairKind):
        assert kinds[Lang.ZH, kind] == kinds[Lang.EN, kind] >= 20
    tags = Counter(tag for sample in samples for tag in sample.tags)
    assert min(tags[tag] for tag in ("number", "negation", "name", "opposite")) >= 10


def test_every_pair_has_its_twin() -> None:
    twins = Counter(sample.pair for sample in load("duplicates").samples)
    assert set(twins.values()) == {2}


def scores(found: Registry, expected: PairKind, given: PairKind) -> dict[str, float | None]:
    sample = Sample(
        id="a", lang=Lang.ZH, text="一", expect=DuplicatesExpect(other="二", kind=expected)
    )
    case = Answered(sample, DuplicatesAnswer(kind=given, similarity=0.9))
    judged = [s for (task, _), s in found.case_scorers.items() if task == "duplicates"]
    return {score.metric: score.value for scorer in judged for score in scorer(case)}


@pytest.mark.parametrize(
    ("expected", "given", "right", "wrong"),
    [
        ("near", "exact", {"near_recall", "joined_precision"}, set()),
        ("near", "semantic", {"suggested_precision"}, {"near_recall"}),
        ("semantic", "near", {"semantic_recall"}, {"joined_precision"}),
        ("semantic", "different", set(), {"semantic_recall"}),
        ("different", "near", set(), {"apart", "joined_precision", "unbothered"}),
        ("different", "semantic", {"apart"}, {"suggested_precision", "unbothered"}),
        ("different", "different", {"apart", "unbothered"}, set()),
    ],
)
def test_scores_tell_joining_from_suggesting(
    found: Registry, expected: PairKind, given: PairKind, right: set[str], wrong: set[str]
) -> None:
    values = scores(found, expected, given)
    assert {name for name, value in values.items() if value == 1} == right
    assert {name for name, value in values.items() if value == 0} == wrong


def test_pairs_are_sliced_by_kind() -> None:
    sample = load("duplicates").samples[0]
    assert f"kind:{expects(sample).kind}" in slices_of(sample)
