"""Judge a stored run; nothing is generated, so it can be repeated with better scorers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from evals.cases import Sample, TaskName
from evals.judged import flat, unsaid
from evals.model import HARNESS, EvalRun, FailureKind, Figure, Output, Score
from evals.registry import Answered, CaseScorer, Registry
from evals.slices import slices_of
from evals.stability import stability
from evals.stats import bootstrap_mean, wilson

ANSWERED = "answered"
"""1 when the engine gave an answer, 0 when it failed; a harness fault leaves it unscored."""

CRASHED = "scorer crashed: "
"""Begins the reason when a scorer raised."""


def score_run(run: EvalRun, registry: Registry) -> EvalRun:
    """The same run with fresh scores and figures."""
    task = run.manifest.task
    outputs = _by_id(run.outputs)
    scorers = _case_scorers(registry, task)
    scores = tuple(_all_scores(run.samples, outputs, scorers))
    again = [tuple(_all_scores(run.samples, _by_id(one), scorers)) for one in run.repeats]
    scores += stability((scores, *again)) if again else ()
    scores += tuple(_judged(run))
    totals = _totals(answered(run), registry, task)
    means = _means(run.samples, scores, run.manifest.seed)
    return run.model_copy(update={"scores": scores, "figures": (*means, *totals)})


def answered(run: EvalRun) -> tuple[Answered, ...]:
    """The cases that have an answer, in order."""
    by_id = {output.sample_id: output.answer for output in run.outputs}
    pairs = ((sample, by_id.get(sample.id)) for sample in run.samples)
    return tuple(Answered(sample, answer) for sample, answer in pairs if answer is not None)


def _judged(run: EvalRun) -> Iterator[Score]:
    """Words of judges; a text they passed scores 1."""
    known = {sample.id for sample in run.samples}
    for words, word in flat(run.judged):
        passed = words.passed(word)
        reason = unsaid(word) if passed is None else None
        value = None if passed is None else float(passed)
        if word.id in known:
            yield Score(sample_id=word.id, metric=words.metric, value=value, unscored=reason)


def _by_id(outputs: Iterable[Output]) -> dict[str, Output]:
    return {output.sample_id: output for output in outputs}


def _case_scorers(registry: Registry, task: TaskName) -> dict[str, CaseScorer]:
    return {name: s for (of, name), s in sorted(registry.case_scorers.items()) if of == task}


def _all_scores(
    samples: Sequence[Sample], outputs: dict[str, Output], scorers: dict[str, CaseScorer]
) -> Iterator[Score]:
    for sample in samples:
        output = outputs[sample.id]
        yield _answered(sample, output)
        if output.answer is not None:
            for name, scorer in scorers.items():
                yield from _judge(name, scorer, Answered(sample, output.answer))


def _judge(name: str, scorer: CaseScorer, case: Answered) -> tuple[Score, ...]:
    try:
        return tuple(scorer(case))
    except Exception as error:  # a crashed scorer is a failure, never a score
        reason = f"{CRASHED}{type(error).__name__}: {error}"
        return (Score(sample_id=case.sample.id, metric=name, unscored=reason),)


def _answered(sample: Sample, output: Output) -> Score:
    failure = output.failure
    if failure is not None and failure.kind is FailureKind.HARNESS:
        return Score(sample_id=sample.id, metric=ANSWERED, unscored=f"{HARNESS}{failure.message}")
    return Score(sample_id=sample.id, metric=ANSWERED, value=float(failure is None))


def _means(samples: Sequence[Sample], scores: Iterable[Score], seed: int) -> Iterator[Figure]:
    slices = {sample.id: slices_of(sample) for sample in samples}
    grouped: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for score in scores:
        for name in slices[score.sample_id]:
            grouped[score.metric, name].append(score.value)
    for (metric, name), values in grouped.items():
        yield _mean(metric, name, values, seed)


def _mean(metric: str, name: str, values: Sequence[float | None], seed: int) -> Figure:
    kept = [value for value in values if value is not None]
    missing = len(values) - len(kept)
    if not kept:
        return Figure(metric=metric, slice=name, value=None, n=0, unscored=missing)
    low, high = _interval(kept, seed)
    mean = sum(kept) / len(kept)
    return Figure(
        metric=metric, slice=name, value=mean, n=len(kept), low=low, high=high, unscored=missing
    )


def _interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    if all(value in (0.0, 1.0) for value in values):
        return wilson(sum(values), len(values))
    return bootstrap_mean(np.array(values), seed=seed)


def _totals(cases: Sequence[Answered], registry: Registry, task: TaskName) -> Iterator[Figure]:
    for (of, _name), scorer in sorted(registry.total_scorers.items()):
        if of == task and cases:
            yield from scorer(cases)
