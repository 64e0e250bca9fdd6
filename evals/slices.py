"""Cuts of the cases that figures are given for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.cases import DuplicatesExpect, Sample, TriageExpect
from evals.model import OVERALL, OWN
from evals.registry import Answered
from service.domain.base import Lang


def by_language(cases: Sequence[Answered]) -> Iterator[tuple[str, list[Answered]]]:
    """All golden cases, then those of each language."""
    golden = [case for case in cases if not case.sample.own]
    yield OVERALL, golden
    for lang in Lang:
        yield f"lang:{lang}", [case for case in golden if case.sample.lang is lang]


def by_owner(cases: Sequence[Answered]) -> Iterator[tuple[str, list[Answered]]]:
    """A community's own cases, where there are any."""
    if own := [case for case in cases if case.sample.own]:
        yield OWN, own


def by_draw(cases: Sequence[Answered]) -> Iterator[tuple[str, list[Answered]]]:
    """Cases as they come, and cases sought for being difficult, where the set tells them apart."""
    for drawn in ("random", "hard"):
        members = [case for case in cases if case.sample.drawn == drawn]
        if members:
            yield f"drawn:{drawn}", members


def slices_of(sample: Sample) -> tuple[str, ...]:
    """Every slice a case belongs to; an own case to none of the golden ones."""
    if sample.own:
        return (OWN,)
    names = [OVERALL, f"lang:{sample.lang}", *(f"tag:{tag}" for tag in sample.tags)]
    if sample.drawn is not None:
        names.append(f"drawn:{sample.drawn}")
    if isinstance(sample.expect, TriageExpect):
        names += [f"category:{category}" for category in sample.expect.categories[:1]]
    if isinstance(sample.expect, DuplicatesExpect):
        names.append(f"kind:{sample.expect.kind}")
    return tuple(names)
