"""Compare and gate: identical runs pass, an injected fault fails, doubt is said."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from evals.compare import compare, fallen
from evals.errors import RunMismatch
from evals.gate import gate
from evals.model import EvalRun, Failure, FailureKind, Output
from evals.parity import gap_of
from evals.registry import Registry
from evals.score import score_run
from evals.stats import (
    bootstrap_mean,
    fall_of_mean,
    fall_of_share,
    fall_of_total,
    holm,
    mcnemar,
    wilson,
)
from evals.thresholds import TaskBars, Thresholds, load_thresholds

LOOSE = Thresholds(tasks={"triage": TaskBars(at_least={"top1": 0.5}, regression=("top1",))})


def test_statistics_on_known_cases() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(1, 9) == pytest.approx(2 * 11 / 1024)
    assert mcnemar(9, 1) == mcnemar(1, 9)
    low, high = wilson(10, 10)
    assert high == pytest.approx(1)
    assert low == pytest.approx(0.7225, abs=1e-3)
    assert wilson(0, 0) == (0, 1)
    low, high = bootstrap_mean(np.full(30, 0.25), seed=1)
    assert (low, high) == (0.25, 0.25)
    values = np.array([0.0, 1.0] * 50)
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)


def test_one_sided_chances_on_known_cases() -> None:
    assert fall_of_share(0, 0) == 1
    assert fall_of_share(9, 1) == pytest.approx(11 / 1024)
    assert fall_of_share(1, 9) > 0.9
    assert fall_of_total(-0.2, 0.1) == pytest.approx(0.02275, abs=1e-4)
    assert (fall_of_total(0.1, 0.0), fall_of_total(-0.1, 0.0)) == (1, 0)
    worse, noise = np.array([-0.4, -0.2, -0.3, 0.0] * 5), np.array([-0.3, 0.3, 0.1, -0.1] * 5)
    assert fall_of_mean(worse, seed=1) < 0.001
    assert fall_of_mean(-worse, seed=1) > 0.99
    assert fall_of_mean(noise, seed=1) > 0.3


def test_a_family_of_tests_raises_few_false_alarms() -> None:
    assert holm([0.01, 0.04, 0.03]) == [True, False, False]
    assert holm([0.012, 0.02, 0.04]) == [True, True, True]
    assert holm([]) == []
    chances = np.random.default_rng(5).random((400, 30))
    alarmed = np.mean([any(holm(list(row))) for row in chances])
    assert alarmed < 0.08, "of families where nothing changed; 0.79 would be without"


def test_a_run_against_itself_differs_in_nothing(good_run: EvalRun, found: Registry) -> None:
    comparison = compare(good_run, good_run, found)
    assert {delta.difference for delta in comparison.deltas} == {0}
    assert not any(fallen(comparison.deltas))
    assert {d.slice for d in comparison.deltas} == {"all", "lang:zh", "lang:en", "category:praise"}


def test_a_worse_run_is_named_case_by_case(
    good_run: EvalRun, worse_run: EvalRun, found: Registry
) -> None:
    comparison = compare(good_run, worse_run, found)
    top1 = next(d for d in comparison.deltas if (d.metric, d.slice) == ("top1", "all"))
    assert top1.difference == pytest.approx(-14 / 40)
    assert top1.fall < top1.p / 2 + 1e-12
    worse = zip(comparison.deltas, fallen(comparison.deltas), strict=True)
    assert ("top1", "all") in {(d.metric, d.slice) for d, fell in worse if fell}
    assert top1.p is not None
    assert top1.p < 0.001
    assert {c.sample_id for c in comparison.regressions if c.metric == "top1"} == {
        f"case-{n}" for n in range(40) if n % 3 == 0
    }
    assert compare(worse_run, good_run, found).improvements


def test_a_slice_that_falls_is_named_though_the_whole_hides_it(
    found: Registry, helpers: SimpleNamespace
) -> None:
    def run(wrong: int) -> EvalRun:
        few = [
            helpers.sample(n).model_copy(update={"tags": ("sarcasm",)} if n < 20 else {})
            for n in range(400)
        ]
        given = ["chat" if n < wrong else "praise" for n in range(400)]
        made: EvalRun = helpers.run(few, [helpers.answer(name) for name in given])
        return made

    sound = run(0)
    checks = gate([run(12)], {"triage": sound}, LOOSE, found).checks
    fell = {check.name for check in checks if check.state == "fail"}
    assert {"top1 (tag:sarcasm)", "top1 (all)"} <= fell
    quiet = {check.name for check in gate([sound], {"triage": sound}, LOOSE, found).checks}
    assert "top1 (tag:sarcasm)" not in quiet


def test_less_error_is_a_gain(good_run: EvalRun, worse_run: EvalRun, found: Registry) -> None:
    ece = {d.slice: d for d in compare(worse_run, good_run, found).deltas if d.metric == "ece"}
    assert ece["all"].candidate < ece["all"].baseline
    assert ece["all"].difference > 0


def test_only_word_for_word_shared_cases_are_compared(
    good_run: EvalRun, found: Registry, helpers: SimpleNamespace
) -> None:
    samples = [helpers.sample(0, text="改过的话"), helpers.sample(1)]
    other = helpers.run(samples, [helpers.answer("praise")] * 2)
    assert compare(good_run, other, found).shared == 1
    with pytest.raises(RunMismatch, match="share no case"):
        compare(good_run, helpers.run(samples[:1], [helpers.answer("praise")]), found)


def test_identical_runs_pass(good_run: EvalRun, found: Registry) -> None:
    verdict = gate([good_run], {"triage": good_run}, LOOSE, found)
    assert verdict.state == "pass"
    assert verdict.exit_code == 0


def test_an_injected_regression_fails(
    good_run: EvalRun, worse_run: EvalRun, found: Registry
) -> None:
    verdict = gate([worse_run], {"triage": good_run}, LOOSE, found)
    assert verdict.exit_code == 1
    failed = {(check.kind, check.name) for check in verdict.checks if check.state == "fail"}
    assert ("regression", "top1 (all)") in failed
    assert not any(kind == "bar" for kind, _ in failed), "above the absolute bar all the same"


def test_a_missed_bar_and_a_gap_between_languages_fail(
    found: Registry, helpers: SimpleNamespace
) -> None:
    samples = [helpers.sample(number) for number in range(40)]
    answers = [helpers.answer("praise" if n % 2 == 0 else "chat") for n in range(40)]
    run = helpers.run(samples, answers)
    bars = TaskBars(at_least={"top1": 0.6}, at_most={"ece": 0.1}, gap={"top1": 0.05})
    verdict = gate([run], {"triage": run}, Thresholds(tasks={"triage": bars}), found)
    failed = {(check.kind, check.name) for check in verdict.checks if check.state == "fail"}
    assert failed == {("bar", "top1"), ("bar", "ece"), ("gap", "top1")}


def _paired_run(helpers: SimpleNamespace, pairs: int, wrong: int) -> EvalRun:
    """Chinese always right, English wrong in the first `wrong` of the pairs."""
    samples = [
        helpers.sample(n).model_copy(update={"pair": f"p{n // 2}"}) for n in range(2 * pairs)
    ]
    given = ["chat" if n % 2 and n // 2 < wrong else "praise" for n in range(2 * pairs)]
    run: EvalRun = helpers.run(samples, [helpers.answer(name) for name in given])
    return run


def test_parity_is_judged_on_pairs_with_an_interval(
    found: Registry, helpers: SimpleNamespace
) -> None:
    bars = Thresholds(tasks={"triage": TaskBars(gap={"top1": 0.05, "label_f1": 0.05})})

    def states(run: EvalRun) -> dict[str, str]:
        checks = gate([run], {"triage": run}, bars, found).checks
        return {check.name: check.state for check in checks if check.kind == "gap"}

    assert states(_paired_run(helpers, 40, 1))["top1"] == "pass"
    assert states(_paired_run(helpers, 40, 20)) == {"top1": "fail", "label_f1": "fail"}
    assert states(_paired_run(helpers, 10, 1))["top1"] == "inconclusive", "it may be chance"
    gap = gap_of(_paired_run(helpers, 40, 20), "top1", found)
    assert gap is not None
    assert (gap.zh, gap.en, gap.n, gap.over) == (1, 0.5, 40, "pairs")
    assert 0.3 < gap.low < 0.5 < gap.high < 0.7


def test_cases_without_a_twin_are_compared_all_the_same(
    worse_run: EvalRun, found: Registry
) -> None:
    gap = gap_of(worse_run, "top1", found)
    assert gap is not None
    assert (gap.n, gap.over) == (40, "cases")
    assert gap_of(worse_run, "severity_floor", found) is None


def test_what_cannot_be_proven_is_inconclusive_and_not_green(
    good_run: EvalRun, found: Registry, helpers: SimpleNamespace
) -> None:
    assert gate([good_run], {}, LOOSE, found).state == "inconclusive"
    few = helpers.run([helpers.sample(0)], [helpers.answer("praise")])
    verdict = gate([few], {"triage": few}, LOOSE, found)
    assert verdict.state == "inconclusive"
    assert verdict.exit_code == 3
    assert gate([], {}, LOOSE, found).state == "inconclusive"


def test_harness_faults_are_unscored_and_engine_faults_count(
    good_run: EvalRun, found: Registry
) -> None:
    def with_failure(kind: FailureKind) -> EvalRun:
        failed = Output(sample_id="case-0", failure=Failure(kind=kind, message="boom"))
        changed = good_run.model_copy(update={"outputs": (failed, *good_run.outputs[1:])})
        return score_run(changed, found)

    ours, theirs = with_failure(FailureKind.ENGINE), with_failure(FailureKind.HARNESS)
    engine, harness = ours.figure("answered"), theirs.figure("answered")
    assert engine is not None
    assert engine.value == pytest.approx(39 / 40)
    assert harness is not None
    assert (harness.value, harness.n, harness.unscored) == (1, 39, 1)
    verdict = gate([theirs], {"triage": good_run}, LOOSE, found)
    states = {check.kind: check.state for check in verdict.checks}
    assert states["completeness"] == "inconclusive"


def test_a_crashed_scorer_is_no_score(good_run: EvalRun) -> None:
    def broken(case: object) -> tuple[()]:
        raise RuntimeError("broken scorer")

    registry = Registry(case_scorers={("triage", "broken"): broken})
    scored = score_run(good_run, registry)
    figure = scored.figure("broken")
    assert figure is not None
    assert figure.value is None
    thresholds = Thresholds(tasks={"triage": TaskBars()})
    verdict = gate([scored], {"triage": good_run}, thresholds, registry)
    assert verdict.state == "inconclusive"


def test_the_stored_thresholds_name_measures_that_exist(found: Registry) -> None:
    bars = load_thresholds()
    assert set(bars.tasks) == set(found.tasks)
    assert bars.tasks["triage"].at_least["answered"] == 1


def test_a_bar_missed_by_few_cases_fails_only_where_production_did_better(
    found: Registry, helpers: SimpleNamespace
) -> None:
    def run(category: str) -> EvalRun:
        made: EvalRun = helpers.run([helpers.sample(0)], [helpers.answer(category)])
        return made

    def bar(candidate: EvalRun, baseline: EvalRun) -> str:
        checks = gate([candidate], {"triage": baseline}, LOOSE, found).checks
        (state,) = (check.state for check in checks if check.kind == "bar")
        return state

    assert bar(run("chat"), run("chat")) == "inconclusive"
    assert bar(run("chat"), run("praise")) == "fail"
    assert bar(run("praise"), run("praise")) == "inconclusive"
