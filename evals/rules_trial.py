"""A changed rule set: the cases that can tell, golden ones and a community's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from evals.candidate import Pair, judge
from evals.cases import DraftExpect, RetrievalExpect, Sample, TaskName
from evals.compare import compare
from evals.datasets import Dataset, load
from evals.gate import verdict_of
from evals.model import Check, Verdict
from evals.own import beside, own_file
from evals.registry import Registry
from evals.sample_rules import clauses_at
from evals.state import State
from evals.suite import Plan, drawn_cases
from evals.thresholds import TaskBars, Thresholds

OWN_CASES = "own cases"
"""Name of the check that no case of the community's got worse."""


def rules_cases(
    tasks: Sequence[TaskName], states: tuple[State, State], plan: Plan
) -> tuple[dict[TaskName, Dataset], frozenset[str]]:
    """Cases by task, without tasks that have none, and the ids of the community's own. All of the
    latter are asked: each was written down because it went wrong once.

    Args:
        own: a folder of the community's own cases.

    Raises:
        DatasetInvalid: own cases are malformed, or have the id of a golden one.
    """
    found, ids, fitting = {}, set(), replace(plan, keep=_fitting(states))
    for task in tasks:
        golden = drawn_cases(task, fitting)
        path = own_file(plan.own, task, tasks) if plan.own else None
        mine = load(task, path) if path else None
        ids |= {one.id for one in mine.samples} if mine else set()
        both = beside(golden, mine) if mine else golden
        if both.samples:
            found[task] = both
    return found, frozenset(ids)


def judge_rules(
    pairs: Sequence[Pair], own: Collection[str], thresholds: Thresholds, registry: Registry
) -> Verdict:
    """As any candidate; but what no case asks is no reason against it, and a case of the
    community's own that comes out worse is one by itself: so few cannot tell beyond chance."""
    found = judge(pairs, thresholds, registry, few=True)
    return verdict_of((*found.checks, *_kept(pairs, own, thresholds, registry)), found.ignored)


def _kept(
    pairs: Sequence[Pair], own: Collection[str], thresholds: Thresholds, registry: Registry
) -> Iterator[Check]:
    for pair in pairs:
        task = pair.candidate.manifest.task
        mine = [one for one in pair.candidate.samples if one.id in own]
        if not mine:
            continue
        named = thresholds.tasks.get(task, TaskBars()).regression
        worse = sorted(
            {
                one.sample_id
                for one in compare(pair.baseline, pair.candidate, registry).regressions
                if one.sample_id in own and one.metric in named
            }
        )
        told = f"{len(worse)} of {len(mine)} came out worse"
        yield Check(
            task=task,
            kind="regression",
            name=OWN_CASES,
            state="fail" if worse else "pass",
            detail=": ".join((told, ", ".join(worse[:10]))) if worse else told,
        )


def _fitting(states: tuple[State, State]) -> Callable[[Sample], bool]:
    """Cases about clauses that either has; those no clause answers only where all others fit."""
    known = {clause.id for state in states for clause in clauses_at(state.rules)}
    whole = {clause.id for clause in clauses_at(None)} <= known

    def fits(sample: Sample) -> bool:
        expect = sample.expect
        if isinstance(expect, RetrievalExpect):
            return bool(known.intersection(expect.clauses)) or (expect.no_answer and whole)
        if isinstance(expect, DraftExpect):
            return bool(known.intersection(expect.cite)) or (not expect.cite and whole)
        return True

    return fits
