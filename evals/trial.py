"""Runs a candidate beside production over the golden cases that can tell them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from evals.aimed import aimed
from evals.candidate import CandidateVerdict, Pair, judge, told, unchanged, undecided
from evals.cases import TaskName
from evals.datasets import FILES, Dataset
from evals.gate import verdict_of
from evals.judges.jury import Heard, Jury, heard
from evals.model import Verdict
from evals.production import ProductionEngines
from evals.registry import Registry
from evals.rules_trial import rules_cases
from evals.state import State
from evals.state_files import read_state
from evals.subject import Subject
from evals.suite import Bar, Plan, cases_of, run_cases, run_folder
from evals.thresholds import Thresholds
from service.settings import LLMSettings, Settings

PRODUCTION, CANDIDATE = "production", "candidate"
"""Folders of the runs of both."""


class Trial(NamedTuple):
    """What is tried: a candidate's content, and a folder with production's where that is not what
    is shipped."""

    subject: Subject
    file: Path
    production: Path | None = None


class Tried(NamedTuple):
    """The record for the product, and every check behind it."""

    record: CandidateVerdict
    checks: Verdict | None


def try_candidate(
    trial: Trial,
    settings: Settings,
    registry: Registry,
    plan: Plan,
    bar: Bar,
    thresholds: Thresholds,
    jury: Jury | None = None,
) -> Tried:
    """Ask both, compare, judge. Runs are stored below `plan.out`. Judges that `jury` trusts read
    the texts of both; of a rule set they do not, for they look clauses up in the shipped rules.

    Raises:
        StateInvalid, TaxonomyError, BankError: the content cannot be used.
    """
    subject, states = trial.subject, _states(trial, plan.out)
    if subject.digest(states[0]) == subject.digest(states[1]):
        return Tried(unchanged(subject, states, plan.at), None)
    engines = ProductionEngines(_asked(settings, subject), states[0])
    if reason := _in_the_way(subject, engines):
        return Tried(undecided(subject, states, reason, plan.at), None)
    plan = replace(plan, own=own_of(plan.own, subject), rules=tuple(one.rules for one in states))
    both = engines, engines.with_state(states[1])
    if subject.kind == "rules":
        return _try_rules(subject, states, both, registry, plan, bar, thresholds)
    cases = {task: cases_of(task, subject.tasks, plan) for task in subject.tasks}
    pairs, silent = _heard(_pairs(cases, both, registry, plan, bar), jury, settings, plan)
    verdict = judge(pairs, thresholds, registry, jury.agreements if jury else ())
    checks = (*verdict.checks, *aimed(subject, pairs, thresholds))
    verdict = verdict_of(checks, (*verdict.ignored, *silent))
    return Tried(told(subject, states, pairs, verdict, registry, plan.at), verdict)


def _heard(pairs: Sequence[Pair], jury: Jury | None, settings: Settings, plan: Plan) -> Heard:
    if jury is None:
        return Heard(tuple(pairs))
    tasks = [pair.candidate.manifest.task for pair in pairs]
    places = [(_place(plan, PRODUCTION, task), _place(plan, CANDIDATE, task)) for task in tasks]
    return heard(pairs, places, jury, ProductionEngines(settings), plan.manner)


def _place(plan: Plan, side: str, task: TaskName) -> Path:
    return run_folder(replace(plan, out=plan.out / side), task)


def _try_rules(
    subject: Subject,
    states: tuple[State, State],
    engines: tuple[ProductionEngines, ProductionEngines],
    registry: Registry,
    plan: Plan,
    bar: Bar,
    thresholds: Thresholds,
) -> Tried:
    cases = rules_cases(subject.tasks, states, plan)
    if (telling := sum(len(one.samples) for one in cases.values())) < thresholds.min_cases:
        reason = f"{telling} cases are about these rules; {thresholds.min_cases} are needed."
        return Tried(undecided(subject, states, reason, plan.at), None)
    pairs = _pairs(cases, engines, registry, plan, bar)
    verdict = judge(pairs, thresholds, registry, few=True)
    return Tried(told(subject, states, pairs, verdict, registry, plan.at), verdict)


def _states(trial: Trial, out: Path) -> tuple[State, State]:
    before = State()
    if trial.production is not None:
        before = read_state(trial.production, out / "production")
    return before, trial.subject.applied(before, trial.file, out / "candidate")


def own_of(path: Path | None, subject: Subject) -> Path | None:
    """A folder without a file of the tasks that ask about the subject is as good as none."""
    if path is None or not path.is_dir():
        return path
    return path if any((path / FILES[task]).is_file() for task in subject.tasks) else None


def _asked(settings: Settings, subject: Subject) -> Settings:
    """Only a prompt needs the model; all else is told apart faster and surer without it."""
    if subject.needs_model:
        return settings
    return settings.model_copy(update={"llm": LLMSettings()})


def _in_the_way(subject: Subject, engines: ProductionEngines) -> str:
    """Why nothing can be said."""
    if subject.untold:
        return subject.untold
    if subject.needs_model and engines.chat is None:
        return "No chat model is configured, and a prompt does nothing without one."
    return ""


def _pairs(
    cases: Mapping[TaskName, Dataset],
    engines: tuple[ProductionEngines, ProductionEngines],
    registry: Registry,
    plan: Plan,
    bar: Bar,
) -> list[Pair]:
    runs = [
        [
            run_cases(task, found, one, registry, replace(plan, out=plan.out / name), bar)
            for task, found in cases.items()
        ]
        for name, one in zip((PRODUCTION, CANDIDATE), engines, strict=True)
    ]
    return [Pair(*pair) for pair in zip(*runs, strict=True)]
