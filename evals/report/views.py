"""What every report shows, computed once from scored runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from evals.cases import (
    Answer,
    DraftAnswer,
    DuplicatesAnswer,
    EvasionAnswer,
    PiiAnswer,
    RetrievalAnswer,
    Sample,
    SeverityAnswer,
    TriageAnswer,
    TriageExpect,
)
from evals.confidence import Bin, Confidences, Kept, Rights, abstention_curve, kept_at, reliability
from evals.model import OVERALL, OWN, EvalRun, Failure, Figure
from evals.score import answered
from evals.scorers.calibration import guesses
from evals.slices import by_language

ABSTAINED = "(abstained)"
MAX_FAILURES = 300
MAX_CONFUSED = 10


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


class Missed(NamedTuple):
    """A case that lost points: what was said, wanted and given."""

    sample_id: str
    metrics: str
    text: str
    wanted: str
    given: str


class Trust(NamedTuple):
    """What confidence is worth on a slice: its bins, what each threshold keeps, and the most that
    can be kept with 97% right."""

    slice: str
    bins: tuple[Bin, ...]
    curve: tuple[Kept, ...]
    kept: Kept | None


class Confused(NamedTuple):
    """How often one leading category was given where another was wanted."""

    wanted: str
    given: str
    n: int


class Confusion(NamedTuple):
    """Counts of expected (row) against given (column) leading category."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


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


def slice_figures(run: EvalRun, metric: str, prefix: str) -> tuple[Figure, ...]:
    """Figures of a measure over the slices that begin with `prefix`, best first."""
    found = [f for f in run.figures if f.metric == metric and f.slice.startswith(prefix)]
    return tuple(sorted(found, key=lambda figure: -(figure.value or 0.0)))


def trust(run: EvalRun) -> tuple[Trust, ...]:
    """Confidence of a triage run over all cases and in each language; nothing for other tasks."""
    if run.manifest.task != "triage":
        return ()
    slices = ((name, *guesses(cases)) for name, cases in by_language(answered(run)))
    return tuple(_trust(name, sure, right) for name, sure, right in slices if len(right))


def _trust(name: str, sure: Confidences, right: Rights) -> Trust:
    curve = abstention_curve(sure, right)
    return Trust(name.removeprefix("lang:"), reliability(sure, right), curve, kept_at(curve))


def confusion(run: EvalRun) -> Confusion | None:
    """Leading category expected against given, for a triage run."""
    counts = Counter(_confused(run))
    if not counts:
        return None
    columns = tuple(sorted({given for _, given in counts}))
    names = sorted({wanted for wanted, _ in counts})
    lines = ((name, tuple(counts[name, column] for column in columns)) for name in names)
    return Confusion(columns, tuple(lines))


def most_confused(run: EvalRun) -> tuple[Confused, ...]:
    """The most frequent mistakes of a triage run, at most `MAX_CONFUSED`; an abstention where a
    category was wanted counts as one."""
    counts = Counter((wanted, given) for wanted, given in _confused(run) if wanted != given)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confused(wanted, given, n) for (wanted, given), n in ranked[:MAX_CONFUSED])


def _confused(run: EvalRun) -> Iterator[tuple[str, str]]:
    for sample, answer in answered(run):
        if sample.own:
            continue
        if isinstance(sample.expect, TriageExpect) and isinstance(answer, TriageAnswer):
            wanted, given = sample.expect.categories, answer.labels
            name = given[0].category if given else ABSTAINED
            if wanted or sample.expect.abstain:
                expected = name if name in wanted else (wanted[0] if wanted else ABSTAINED)
                yield expected, name


def missed(run: EvalRun) -> tuple[Missed, ...]:
    """Cases that lost points in any measure, or got no answer; at most `MAX_FAILURES`."""
    lost: dict[str, list[str]] = {}
    for score in run.scores:
        if score.value is not None and score.value < 1:
            lost.setdefault(score.sample_id, []).append(score.metric)
    given = _given(run)
    shown = [sample for sample in run.samples if sample.id in lost][:MAX_FAILURES]
    return tuple(_missed(sample, lost[sample.id], given) for sample in shown)


def _missed(sample: Sample, metrics: Sequence[str], given: Mapping[str, str]) -> Missed:
    wanted = sample.expect.model_dump_json(exclude_defaults=True)
    return Missed(sample.id, ", ".join(metrics), sample.text, wanted, given[sample.id])


def _given(run: EvalRun) -> dict[str, str]:
    return {output.sample_id: said(output.answer or output.failure) for output in run.outputs}


def said(answer: Answer | Failure | None) -> str:
    """An answer in one line, or why there is none."""
    if isinstance(answer, Failure):
        return f"{answer.kind} failed: {answer.message}"
    if isinstance(answer, TriageAnswer):
        ranked = " ".join(f"{c.category} {c.confidence:.2f}" for c in answer.candidates[:2])
        kind = "abstained" if answer.abstained else "labels"
        shown = " ".join(label.category for label in answer.labels)
        return f"{kind} {shown} | {ranked} | {answer.sentiment} | severity {answer.severity}"
    if isinstance(answer, DuplicatesAnswer):
        return f"{answer.kind} {answer.similarity:.2f} | {' '.join(answer.reasons)}"
    if isinstance(answer, RetrievalAnswer):
        found = "found" if answer.found else "none"
        return f"{found} {answer.confidence:.2f} | {' '.join(answer.clauses[:5])}"
    if isinstance(answer, DraftAnswer):
        refusal = f"refused: {answer.refusal}" if answer.refusal else "answered"
        return f"{refusal} | {' '.join(answer.cited)} | {answer.text}"
    if isinstance(answer, SeverityAnswer):
        return f"severity {answer.severity}"
    if isinstance(answer, EvasionAnswer):
        return f"found {' '.join(answer.codes)} | disguises {' '.join(answer.disguises)}"
    if isinstance(answer, PiiAnswer):
        return answer.text
    return str(answer)


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
