"""What every report shows, computed once from scored runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from evals.confidence import Bin, Confidences, Kept, Rights, abstention_curve, kept_at, reliability
from evals.model import OVERALL, OWN, EvalRun, Figure
from evals.score import answered
from evals.scorers.calibration import guesses
from evals.slices import by_language


class Row(NamedTuple):
    """One measure: over all cases, and in each language."""

    metric: str
    overall: Figure
    zh: Figure | None
    en: Figure | None


class Drawn(NamedTuple):
    """One measure over cases as they come, and over those sought for being difficult."""

    metric: str
    random: Figure
    hard: Figure


class Owned(NamedTuple):
    """One measure over a community's own cases, and over the golden ones."""

    metric: str
    own: Figure
    golden: Figure | None


class Trust(NamedTuple):
    """What confidence is worth on a slice: its bins, what each threshold keeps, and the most that
    can be kept with 97% right."""

    slice: str
    bins: tuple[Bin, ...]
    curve: tuple[Kept, ...]
    kept: Kept | None


def rows(run: EvalRun) -> tuple[Row, ...]:
    """A row per measure, in the order the scorers gave them."""
    table = {(figure.metric, figure.slice): figure for figure in run.figures}
    return tuple(
        Row(metric, figure, table.get((metric, "lang:zh")), table.get((metric, "lang:en")))
        for (metric, name), figure in table.items()
        if name == OVERALL
    )


def drawn(run: EvalRun) -> tuple[Drawn, ...]:
    """A row per measure that both kinds of cases have, in the order the scorers gave them."""
    table = {(figure.metric, figure.slice): figure for figure in run.figures}
    metrics = dict.fromkeys(metric for metric, _ in table)
    pairs = ((m, table.get((m, "drawn:random")), table.get((m, "drawn:hard"))) for m in metrics)
    return tuple(Drawn(metric, one, other) for metric, one, other in pairs if one and other)


def own(run: EvalRun) -> tuple[Owned, ...]:
    """A row per measure that a community's own cases have, beside the golden ones'."""
    table = {(figure.metric, figure.slice): figure for figure in run.figures}
    metrics = dict.fromkeys(metric for metric, name in table if name == OWN)
    return tuple(Owned(m, table[m, OWN], table.get((m, OVERALL))) for m in metrics)


def trust(run: EvalRun) -> tuple[Trust, ...]:
    """Confidence of a triage run over all cases and in each language; nothing for other tasks."""
    if run.manifest.task != "triage":
        return ()
    slices = ((name, *guesses(cases)) for name, cases in by_language(answered(run)))
    return tuple(_trust(name, sure, right) for name, sure, right in slices if len(right))


def _trust(name: str, sure: Confidences, right: Rights) -> Trust:
    curve = abstention_curve(sure, right)
    return Trust(name.removeprefix("lang:"), reliability(sure, right), curve, kept_at(curve))


def notes(runs: Iterable[EvalRun]) -> tuple[str, ...]:
    """What a reader must know to read the figures rightly."""
    found = []
    for run in runs:
        writer = run.manifest.versions.get("writer")
        if writer:
            found.append(f"Drafts were written by: {writer}.")
        if run.asked:
            found.append(f"{run.asked} questions to the model, {run.kept} answered from the cache.")
        found += [
            f"{words.metric} ({words.lang}) is the word of the judge {words.judge}."
            for words in run.judged
        ]
        if run.manifest.foreign:
            found.append(
                f"{run.manifest.task}: {len(run.manifest.foreign)} own cases were left out, they "
                f"name clauses these rules do not hold: {', '.join(run.manifest.foreign)}."
            )
        if run.manifest.git_dirty:
            found.append(f"{run.manifest.task}: the checkout had uncommitted changes.")
    return tuple(found)
