"""A changed rule set: the cases that can tell, golden ones and a community's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from evals.cases import DraftExpect, RetrievalExpect, Sample, TaskName
from evals.datasets import Dataset, load
from evals.own import beside, own_file, owned
from evals.sample_rules import clauses_at
from evals.state import State
from evals.suite import Plan, drawn_cases


def rules_cases(
    tasks: Sequence[TaskName], states: tuple[State, State], plan: Plan
) -> dict[TaskName, Dataset]:
    """Cases by task, without tasks that have none. Of the community's own all are asked, also
    those whose clause the change takes away: the rules searched are the community's.

    Raises:
        DatasetInvalid: own cases are malformed, or have the id of a golden one.
    """
    found, fitting = {}, replace(plan, keep=_fitting(states))
    for task in tasks:
        golden = drawn_cases(task, fitting)
        path = own_file(plan.own, task, tasks) if plan.own else None
        both = beside(golden, owned(load(task, path))) if path else golden
        if both.samples:
            found[task] = both
    return found


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
