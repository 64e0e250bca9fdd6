"""Cases behind measures that no case has a score of: whole sets have them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from evals.cases import DraftAnswer, ThemesAnswer, ThemesExpect, TriageAnswer, TriageExpect
from evals.cases_written import PostsAnswer
from evals.model import EvalRun
from evals.registry import Answered
from evals.score import answered
from evals.scorers.duplication import alike

LABELS = "label_f1"

SAME: Mapping[str, str] = {
    "ece": "guess",
    "coverage_97": "guess",
    "unclustered": "clustered",
    "v": "spillover",
    "ari": "spillover",
    "meet": "spillover",
}
"""Measures whose cases are those of another."""


class Blamed(NamedTuple):
    """A case that a measure is lower for, or higher where low is good."""

    sample_id: str
    metric: str


def blamed(run: EvalRun) -> Iterator[Blamed]:
    """Of `label_f1` cases with a label missing or too many, of `spillover` messages outside the
    main theme of their group, of `distinct` answers nearly the same as another."""
    cases = answered(run)
    for key in mislabelled(run):
        yield Blamed(key, LABELS)
    for case in _spilt(cases):
        yield Blamed(case.sample.id, "spillover")
    for case in _alike(cases):
        yield Blamed(case.sample.id, "distinct")


def mislabelled(run: EvalRun) -> dict[str, frozenset[str]]:
    """Case id to the categories that were missing or too many."""
    found = {case.sample.id: frozenset(_wrong(case)) for case in answered(run)}
    return {key: categories for key, categories in found.items() if categories}


def _wrong(case: Answered) -> set[str]:
    expect, answer = case.sample.expect, case.answer
    if not (isinstance(expect, TriageExpect) and isinstance(answer, TriageAnswer)):
        return set()
    if not (expect.categories or expect.abstain):
        return set()
    return set(expect.categories) ^ {label.category for label in answer.labels}


def _spilt(cases: tuple[Answered, ...]) -> Iterator[Answered]:
    placed: dict[str, Counter[int]] = defaultdict(Counter)
    for _, group, theme in _grouped(cases):
        placed[group][theme] += 1
    for case, group, theme in _grouped(cases):
        if theme != max(placed[group], key=placed[group].__getitem__):
            yield case


def _grouped(cases: tuple[Answered, ...]) -> Iterator[tuple[Answered, str, int]]:
    """Messages of groups that are in a theme."""
    for case in cases:
        expect, answer = case.sample.expect, case.answer
        if not (isinstance(expect, ThemesExpect) and isinstance(answer, ThemesAnswer)):
            continue
        if expect.group is not None and answer.theme is not None:
            yield case, expect.group, answer.theme


def _alike(cases: tuple[Answered, ...]) -> Iterator[Answered]:
    """Golden and own answers are held against their own kind, refusals against none."""
    for own in (False, True):
        written = [
            (case, case.answer.text)
            for case in cases
            if isinstance(case.answer, DraftAnswer | PostsAnswer)
            and case.sample.own is own
            and getattr(case.answer, "refusal", None) is None
        ]
        same = alike([text for _, text in written])
        yield from (case for (case, _), twice in zip(written, same, strict=True) if twice)
