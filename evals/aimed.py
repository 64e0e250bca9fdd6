"""What a changed prompt does to the few cases it writes, which all others would hide.

Two briefs of a kind among eighty-six move no measure of the whole below its bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.candidate import Pair
from evals.cases import DraftExpect, Sample
from evals.model import Check, EvalRun, State
from evals.subject import Subject
from evals.thresholds import Thresholds

FEW = 30
"""From so many cases on the measures of the whole and of a language show a loss."""

SURE = 2
"""Lost cases that fail; one alone may be chance."""


def about(subject: Subject, sample: Sample) -> bool:
    """Whether a prompt writes the answer to a case: its language, and of a post its kind."""
    kind, _, name = subject.name.partition("/")
    base, _, lang = name.rpartition(".")
    expect = sample.expect
    wanted = (expect.reply_lang if isinstance(expect, DraftExpect) else None) or sample.lang
    fits = kind != "post" or (sample.post is not None and sample.post.kind == base)
    return fits and lang == wanted


def aimed(subject: Subject, pairs: Sequence[Pair], thresholds: Thresholds) -> Iterator[Check]:
    """Checks of the golden cases a prompt writes, where they are few: bars that production does
    better on."""
    if subject.kind != "prompt":
        return
    for pair in pairs:
        golden = (sample for sample in pair.candidate.samples if not sample.own)
        ids = {sample.id for sample in golden if about(subject, sample)}
        if len(ids) < FEW:
            yield from _checks(subject, pair, ids, thresholds)


def _checks(subject: Subject, pair: Pair, ids: set[str], thresholds: Thresholds) -> Iterator[Check]:
    if not ids:
        detail = f"no golden case is about {subject.name}"
        yield _check(pair, "cases", "inconclusive", detail)
        return
    bars = thresholds.tasks.get(pair.candidate.manifest.task)
    found = [_bar(subject, pair, ids, *one) for one in (bars.at_least.items() if bars else ())]
    failed = [check for check in found if check is not None]
    yield from failed
    if not failed:
        detail = f"{len(ids)} golden cases about {subject.name}, none worse under a bar"
        yield _check(pair, "cases", "pass", detail)


def _bar(subject: Subject, pair: Pair, ids: set[str], metric: str, bar: float) -> Check | None:
    """None where the bar is reached, or production does no better."""
    before, after = (_values(run, ids, metric) for run in pair)
    both = before.keys() & after.keys()
    lost = sum(after[key] < before[key] for key in both)
    gained = sum(after[key] > before[key] for key in both)
    if lost <= gained or sum(after[key] for key in both) >= bar * len(both):
        return None
    state: State = "fail" if lost >= SURE else "inconclusive"
    detail = f"{lost} of the {len(both)} cases about {subject.name} lost, bar ≥ {bar:.3f}"
    return _check(pair, metric, state, detail)


def _values(run: EvalRun, ids: set[str], metric: str) -> dict[str, float]:
    found = (one for one in run.scores if one.metric == metric and one.sample_id in ids)
    return {one.sample_id: one.value for one in found if one.value is not None}


def _check(pair: Pair, name: str, state: State, detail: str) -> Check:
    task, told = pair.candidate.manifest.task, f"{name} (cases it writes)"
    return Check(task=task, kind="bar", name=told, state=state, detail=detail)
