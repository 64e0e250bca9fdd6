"""How far Chinese and English stand apart, on cases that mean the same where there are any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from evals.cases import Sample
from evals.compare import TOTAL_RESAMPLES, overall
from evals.model import EvalRun
from evals.registry import Answered, Registry, TotalScorer
from evals.score import answered
from evals.stats import RESAMPLES, bootstrap_of
from service.domain.base import Lang

T = TypeVar("T")
Sides = dict[Lang, list[T]]
Rows = NDArray[np.int64]


class Gap(NamedTuple):
    """A measure in both languages, with a 95 % interval of Chinese minus English; `n` counts the
    pairs, or the cases where none are paired."""

    zh: float
    en: float
    low: float
    high: float
    n: int
    over: Literal["pairs", "cases"]


def gap_of(run: EvalRun, metric: str, registry: Registry) -> Gap | None:
    """The gap of a measure; None where one language has no figure."""
    scorer = _total(run, metric, registry)
    if scorer is not None:
        cases = [(case.sample, case) for case in answered(run) if not case.sample.own]
        return _gap(cases, lambda some: _worth(scorer, some), run.manifest.seed, TOTAL_RESAMPLES)
    samples = {sample.id: sample for sample in run.samples if not sample.own}
    scores = (one for one in run.scores if one.metric == metric and one.value is not None)
    known = (one for one in scores if one.sample_id in samples)
    values = [(samples[one.sample_id], float(one.value or 0.0)) for one in known]
    return _gap(values, _mean, run.manifest.seed, RESAMPLES)


def _total(run: EvalRun, metric: str, registry: Registry) -> TotalScorer | None:
    """The scorer that gives this measure from all cases at once."""
    cases = answered(run)
    for (task, _), scorer in sorted(registry.total_scorers.items()):
        given = overall(scorer, cases) if task == run.manifest.task and cases else None
        if given is not None and given[0] == metric:
            return scorer
    return None


def _gap(
    given: Sequence[tuple[Sample, T]],
    worth: Callable[[Sequence[T]], float | None],
    seed: int,
    resamples: int,
) -> Gap | None:
    pairs = _paired(given)
    groups = pairs or [{sample.lang: [one]} for sample, one in given]
    zh, en = (worth(_side(groups, lang)) for lang in (Lang.ZH, Lang.EN))
    if zh is None or en is None:
        return None

    def apart(rows: Rows) -> float:
        drawn = [groups[row] for row in rows]
        left, right = (worth(_side(drawn, lang)) for lang in (Lang.ZH, Lang.EN))
        return left - right if left is not None and right is not None else 0.0

    spread = bootstrap_of(apart, len(groups), seed=seed, resamples=resamples)
    over: Literal["pairs", "cases"] = "pairs" if pairs else "cases"
    return Gap(zh, en, spread.low, spread.high, len(groups), over)


def _paired(given: Iterable[tuple[Sample, T]]) -> list[Sides[T]]:
    """Pairs of which both languages are there."""
    found: dict[str, Sides[T]] = defaultdict(lambda: defaultdict(list))
    for sample, one in given:
        if sample.pair is not None:
            found[sample.pair][sample.lang].append(one)
    return [sides for sides in found.values() if len(sides) == len(Lang)]


def _side(groups: Iterable[Mapping[Lang, list[T]]], lang: Lang) -> list[T]:
    return [one for sides in groups for one in sides.get(lang, ())]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _worth(scorer: TotalScorer, cases: Sequence[Answered]) -> float | None:
    found = overall(scorer, cases) if cases else None
    return found[1] if found else None
