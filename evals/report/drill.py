"""From a figure to the cases behind it: which lost points, in which measure, in which slice.

A page holds each case once. A `Filter` names some of them; its marks are classes that the cases
carry as well, so that a style sheet can leave the others out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from evals.model import OVERALL, EvalRun, Score
from evals.report.blamed import LABELS, SAME, blamed, mislabelled
from evals.report.confusion import guessed
from evals.report.said import asked, said, wanted
from evals.slices import slices_of

CATEGORY = "category:"

MAX_CASES = 1000
"""Cases a task shows; the others stand in the stored run."""


class Lost(NamedTuple):
    """A measure a case lost points in, and its value there; None where the measure is no mean over
    cases."""

    metric: str
    value: float | None


class LostCase(NamedTuple):
    """A case that lost points: what was said, wanted and given, and what it lost."""

    sample_id: str
    anchor: str
    marks: str
    slices: tuple[str, ...]
    text: str
    wanted: str
    given: str
    why: tuple[Lost, ...]


class Filter(NamedTuple):
    """Some of the cases that lost points: `lost` of `cases`, told in words by `told`; no `cases`
    where the measure is no mean over cases."""

    anchor: str
    marks: str
    told: str
    lost: int
    cases: int | None


class Drill(NamedTuple):
    """Every case of a run that lost points (`cases` of `lost`, in the order of the run) and the
    filters over them. `measures` and `slices` are numbered as the marks number them; `totals` are
    measures that are known of whole sets only."""

    task: str
    measures: tuple[str, ...]
    slices: tuple[str, ...]
    totals: frozenset[str]
    filters: Mapping[str, Filter]
    cases: tuple[LostCase, ...]
    lost: int

    def at(self, metric: str, slice_name: str = OVERALL) -> str | None:
        """Anchor of the cases behind a figure: those that lost points in the measure or are to
        blame for it, or in any measure where nobody can say. None where there are none."""
        if slice_name not in self.slices:
            return None
        if metric == LABELS and slice_name.startswith(CATEGORY):
            return self._known(f"{self.task}-f{self.slices.index(slice_name)}")
        metric = SAME.get(metric, metric)
        if metric in self.totals:
            return self.within(slice_name)
        if metric not in self.measures:
            return None
        m, s = self.measures.index(metric), self.slices.index(slice_name)
        return self._known(f"{self.task}-m{m}-s{s}")

    def within(self, slice_name: str) -> str | None:
        """Anchor of the cases of a slice that lost points in any measure; None for none."""
        if slice_name not in self.slices:
            return None
        return self._known(f"{self.task}-s{self.slices.index(slice_name)}")

    def confused(self, row: int, column: int) -> str | None:
        """Anchor of the mistakes in a cell of the confusion table; None where it holds none."""
        return self._known(f"{self.task}-w{row}-g{column}")

    def _known(self, anchor: str) -> str | None:
        return anchor if anchor in self.filters else None


def drill(run: EvalRun) -> Drill:
    """The cases behind the figures of a scored run; unscored ones lost nothing."""
    task = run.manifest.task
    found = tuple(blamed(run))
    named = [score.metric for score in run.scores] + [one.metric for one in found]
    measures = tuple(dict.fromkeys(named))
    slices = tuple(dict.fromkeys(name for one in run.samples for name in slices_of(one)))
    lost: dict[str, list[Lost]] = defaultdict(list)
    for score in filter(_lost, run.scores):
        lost[score.sample_id].append(Lost(score.metric, score.value))
    for one in found:
        lost[one.sample_id].append(Lost(one.metric, None))
    guesses = _guesses(run)
    cases = tuple(_cases(run, lost, measures, slices, guesses))
    counted = (
        *_figures(run, lost, measures, slices),
        *_categories(run, slices),
        *_cells(run, lost, guesses),
    )
    filters = {one.anchor: one for one in counted}
    totals = frozenset(figure.metric for figure in run.figures).difference(measures)
    return Drill(task, measures, slices, totals, filters, cases[:MAX_CASES], len(cases))


def _lost(score: Score) -> bool:
    return score.value is not None and score.value < 1


def _cases(
    run: EvalRun,
    lost: Mapping[str, Sequence[Lost]],
    measures: Sequence[str],
    slices: Sequence[str],
    guesses: Mapping[str, tuple[int, int]],
) -> Iterator[LostCase]:
    given = {one.sample_id: said(one.answer or one.failure) for one in run.outputs}
    samples, wrong = [one for one in run.samples if one.id in lost], _wrong(run, slices)
    for number, sample in enumerate(samples):
        names, why = slices_of(sample), tuple(lost[sample.id])
        marks = [f"s{slices.index(name)}" for name in names]
        marks += [f"m{measures.index(one.metric)}" for one in why]
        marks += [f"f{slices.index(one)}" for one in sorted(wrong.get(sample.id, ()))]
        if sample.id in guesses:
            marks += _pair(guesses[sample.id])
        yield LostCase(
            sample.id,
            f"{run.manifest.task}-c{number}",
            " ".join(dict.fromkeys(marks)),
            tuple(name for name in names if name != OVERALL),
            asked(sample),
            wanted(sample),
            given[sample.id],
            why,
        )


def _figures(
    run: EvalRun,
    lost: Mapping[str, Sequence[Lost]],
    measures: Sequence[str],
    slices: Sequence[str],
) -> Iterator[Filter]:
    """A filter for each slice, and for each measure in it, that any case lost points in."""
    scored = Counter[tuple[str, str]]()
    fell = Counter[tuple[str, str]]()
    of = {sample.id: slices_of(sample) for sample in run.samples}
    for score in run.scores:
        if score.value is not None:
            scored.update((score.metric, name) for name in of[score.sample_id])
    for key, why in lost.items():
        fell.update((metric, name) for metric in {one.metric for one in why} for name in of[key])
    for (metric, name), n in fell.items():
        m, s = f"m{measures.index(metric)}", f"s{slices.index(name)}"
        yield _filter(run, (m, s), f"{metric} · {name}", n, scored.get((metric, name)))
    sizes = Counter(name for names in of.values() for name in names)
    for name, n in Counter(name for key in lost for name in of[key]).items():
        yield _filter(run, (f"s{slices.index(name)}",), f"{name}, any measure", n, sizes[name])


def _categories(run: EvalRun, slices: Sequence[str]) -> Iterator[Filter]:
    """A filter for each category that is missing or too many somewhere: what its F1 misses."""
    found = Counter(name for names in _wrong(run, slices).values() for name in names)
    for name, n in found.items():
        yield _filter(run, (f"f{slices.index(name)}",), f"{LABELS} · {name}", n, None)


def _wrong(run: EvalRun, slices: Sequence[str]) -> dict[str, set[str]]:
    """Case id to the slices of the categories that were missing or too many."""
    own = {sample.id for sample in run.samples if sample.own}
    return {
        key: {CATEGORY + one for one in names}.intersection(slices)
        for key, names in mislabelled(run).items()
        if key not in own
    }


def _cells(
    run: EvalRun, lost: Mapping[str, Sequence[Lost]], guesses: Mapping[str, tuple[int, int]]
) -> Iterator[Filter]:
    """A filter for each cell of the confusion table that holds mistakes."""
    wrong = {one.sample_id: one for one in guessed(run) if one.wanted != one.given}
    sizes = Counter(guesses[key] for key in wrong)
    names = {guesses[key]: f"{one.wanted} → {one.given}" for key, one in wrong.items()}
    for cell, n in Counter(guesses[key] for key in lost if key in wrong).items():
        yield _filter(run, _pair(cell), names[cell], n, sizes[cell])


def _filter(run: EvalRun, marks: Sequence[str], told: str, lost: int, cases: int | None) -> Filter:
    anchor = "-".join((run.manifest.task, *marks))
    return Filter(anchor, " ".join(marks), told, lost, cases)


def _pair(cell: tuple[int, int]) -> tuple[str, str]:
    return f"w{cell[0]}", f"g{cell[1]}"


def _guesses(run: EvalRun) -> dict[str, tuple[int, int]]:
    """Row and column of each case in the confusion table."""
    found = tuple(guessed(run))
    rows = sorted({one.wanted for one in found})
    columns = sorted({one.given for one in found})
    return {one.sample_id: (rows.index(one.wanted), columns.index(one.given)) for one in found}
