"""Whether a judge's word counts: people bear it out, and it knows texts whose value is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from evals.compare import fallen
from evals.errors import EvalError
from evals.judged import JudgeWords, same_judge
from evals.judges.golden import golden_texts
from evals.model import Check, CheckKind, Comparison, EvalRun, State
from evals.thresholds import TaskBars, Thresholds
from service.domain.quality import Agreement, Estimate
from service.quality.agreement import may_gate

GOLDEN_SHARE = 0.75
"""Of the texts that fail, and of those that pass, the share a trusted judge must tell right."""

_LIST = TypeAdapter(tuple[Agreement, ...])


def load_agreements(path: Path) -> tuple[Agreement, ...]:
    """Agreement with people as the product gives it out (`GET /v1/labels/agreement`).

    Raises:
        EvalError: the file cannot be read as that.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return _LIST.validate_python(given["items"] if isinstance(given, dict) else given)
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise EvalError(f"{path} is no export of agreement: {error}") from error


def agreement_of(words: JudgeWords, agreements: Iterable[Agreement]) -> Agreement | None:
    """The agreement of exactly this judge with people in its language."""
    wanted = (words.rubric, words.judge, words.lang)
    found = (one for one in agreements if (one.rubric, one.judge, one.lang) == wanted)
    return next(found, None)


def trusted(words: JudgeWords, agreements: Iterable[Agreement]) -> bool:
    """Whether people bear the judge out there; by the figure, whatever the file says of it."""
    found = agreement_of(words, agreements)
    return found is not None and may_gate(found.kappa)


def ignored(run: EvalRun, agreements: Sequence[Agreement]) -> Iterator[str]:
    """Judges whose measure does not count, by name and with the reason."""
    for words in run.judged:
        if not trusted(words, agreements):
            found = agreement_of(words, agreements)
            known = _told(found.kappa) if found else "its agreement with people is not known"
            yield f"{run.manifest.task} {_name(words)}: judge {words.judge} is not trusted, {known}"


def judge_checks(
    run: EvalRun,
    comparison: Comparison | None,
    baseline: EvalRun | None,
    bars: TaskBars,
    thresholds: Thresholds,
    agreements: Sequence[Agreement],
) -> Iterator[Check]:
    """What trusted judges say. Where a judge does not know the golden texts its figures are not
    looked at: the check that fails names it."""
    sound = []
    for words in run.judged:
        if trusted(words, agreements):
            golden = _golden(run, words)
            yield golden
            if golden.state == "pass":
                sound.append(words)
                yield _complete(run, words, thresholds.max_harness_share)
                yield from _bar(run, words, bars, thresholds.min_cases)
    if comparison is not None and baseline is not None:
        yield from _regressions(run, comparison, baseline, sound)


def _golden(run: EvalRun, words: JudgeWords) -> Check:
    known = {one.id: one.passes for one in golden_texts() if one.rubric == words.rubric}
    said = [(known[w.id], words.passed(w)) for w in words.golden if w.id in known]
    told: list[str] = []
    state: State = "pass"
    for passes, kind in ((False, "fail"), (True, "pass")):
        given = [got for wanted, got in said if wanted is passes and got is not None]
        right = sum(got is passes for got in given)
        told.append(f"{right} of {len(given)} golden texts that {kind} told right")
        if not given:
            state = "inconclusive" if state == "pass" else state
        elif right / len(given) < GOLDEN_SHARE:
            state = "fail"
    return _check(run, words, state, f"judge {words.judge}: {', '.join(told)}")


def _complete(run: EvalRun, words: JudgeWords, most: float) -> Check:
    asked = len(words.words) + len(words.golden)
    state: State = "pass" if words.lost() <= most * asked else "inconclusive"
    detail = f"judge {words.judge}: {words.lost()} of {asked} texts lost by the harness"
    return _check(run, words, state, detail, "completeness")


def _bar(run: EvalRun, words: JudgeWords, bars: TaskBars, min_cases: int) -> Iterator[Check]:
    bar = bars.judged.get(words.rubric)
    if bar is None:
        return
    given = [passed for word in words.words if (passed := words.passed(word)) is not None]
    if len(given) < min_cases:
        detail = f"judge {words.judge}: {len(given)} texts judged, {min_cases} are needed"
        yield _check(run, words, "inconclusive", detail, "bar")
        return
    share = sum(given) / len(given)
    state: State = "pass" if share >= bar else "fail"
    detail = f"{share:.3f}, bar ≥ {bar:.3f}, n={len(given)}, judge {words.judge}"
    yield _check(run, words, state, detail, "bar")


def _regressions(
    run: EvalRun, comparison: Comparison, baseline: EvalRun, sound: Iterable[JudgeWords]
) -> Iterator[Check]:
    """Of judges that judged both runs, beyond chance; a family of their own."""
    shared = same_judge(baseline.judged, run.judged)
    by_name = {(w.metric, f"lang:{w.lang}"): w for w in sound if (w.metric, w.lang) in shared}
    deltas = [one for one in comparison.deltas if (one.metric, one.slice) in by_name]
    for delta, worse in zip(deltas, fallen(deltas), strict=True):
        words = by_name[delta.metric, delta.slice]
        span = f"{delta.difference:+.3f} [{delta.low:+.3f}, {delta.high:+.3f}]"
        detail = f"{span}, p {delta.fall:.4f}, n={delta.n}, judge {words.judge}"
        yield _check(run, words, "fail" if worse else "pass", detail, "regression")


def _check(
    run: EvalRun, words: JudgeWords, state: State, detail: str, kind: CheckKind = "judge"
) -> Check:
    task = run.manifest.task
    return Check(task=task, kind=kind, name=_name(words), state=state, detail=detail)


def _name(words: JudgeWords) -> str:
    return f"{words.metric} (lang:{words.lang})"


def _told(kappa: Estimate) -> str:
    if kappa.value is None or kappa.low is None:
        return f"kappa with people unknown over {kappa.n} pairs"
    return f"kappa with people {kappa.value:.2f} from {kappa.low:.2f} over {kappa.n} pairs"
