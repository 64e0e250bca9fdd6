"""How far people agree with each other and judges with people, and who may be believed.

One pair an item, so that pairs are independent: two people, the first to judge it, in an order that
the item decides; or a judge and the first person. Labels of earlier versions of a rubric are left
out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from service.domain.base import Lang
from service.domain.labelling import Judged, Rater, Rubric
from service.domain.quality import Accuracy, Agreement, Estimate, Sides
from service.quality.intervals import share
from service.quality.kappa import kappa

BAR = 0.6
"""Kappa with people from which a judge may gate, by the lower end of its interval."""

ENOUGH = 50
"""Pairs a judge needs besides: where every pair agrees, the bootstrap knows no doubt."""

SEED = 20_260_401

Pairs = list[tuple[int, int]]


def agreements(labels: Iterable[Judged], rubrics: Iterable[Rubric]) -> tuple[Agreement, ...]:
    """Of each rubric with a pair: people, then each judge; all languages, then each."""
    given = tuple(labels)
    return tuple(found for rubric in rubrics for found in _of_rubric(given, rubric))


def may_gate(estimate: Estimate) -> bool:
    """Whether a judge with this agreement in a language may hold anything up: what is not known
    is no permission."""
    return estimate.n >= ENOUGH and estimate.low is not None and estimate.low >= BAR


def accuracies(labels: Iterable[Judged]) -> tuple[Accuracy, ...]:
    """Every rater on golden texts, by name; those who met none have a count of 0."""
    by_rater: dict[str, list[Judged]] = defaultdict(list)
    for one in labels:
        by_rater[one.by].append(one)
    return tuple(_accuracy(by, found) for by, found in sorted(by_rater.items()))


def _accuracy(by: str, labels: Sequence[Judged]) -> Accuracy:
    golden = [one for one in labels if one.golden is not None]
    right = sum(one.value == one.golden for one in golden)
    return Accuracy(
        by=by, labels=len(labels), golden=len(golden), right=right, share=share(right, len(golden))
    )


def _of_rubric(labels: Sequence[Judged], rubric: Rubric) -> Iterator[Agreement]:
    mine = [
        one for one in labels if (one.rubric, one.rubric_version) == (rubric.id, rubric.version)
    ]
    judges = sorted({one.by for one in mine if one.rater is Rater.JUDGE})
    for judge in (None, *judges):
        for lang in (None, *Lang):
            pairs = _pairs([one for one in mine if lang in (None, one.lang)], judge)
            if pairs:
                yield _agreement(rubric, lang, judge, pairs)


def _agreement(rubric: Rubric, lang: Lang | None, judge: str | None, pairs: Pairs) -> Agreement:
    estimate = kappa(pairs, rubric.scale, seed=SEED)
    return Agreement(
        rubric=rubric.id,
        lang=lang,
        sides=Sides.JUDGE if judge else Sides.PEOPLE,
        judge=judge,
        kappa=estimate,
        same=share(sum(one == other for one, other in pairs), len(pairs)),
        may_gate=judge is not None and lang is not None and may_gate(estimate),
    )


def _pairs(labels: Sequence[Judged], judge: str | None) -> Pairs:
    items: dict[str, list[Judged]] = defaultdict(list)
    for one in labels:
        items[one.item_id].append(one)
    found = (_pair(item, said, judge) for item, said in items.items())
    return [pair for pair in found if pair]


def _pair(item: str, said: Sequence[Judged], judge: str | None) -> tuple[int, int] | None:
    people = sorted((one for one in said if one.rater is Rater.PERSON), key=lambda one: one.at)
    if judge is not None:
        judged = next((one for one in said if one.by == judge), None)
        return (judged.value, people[0].value) if judged and people else None
    if len(people) < 2:
        return None
    first, second = people[:2]
    turned = hashlib.sha256(item.encode()).digest()[0] % 2
    return (second.value, first.value) if turned else (first.value, second.value)
