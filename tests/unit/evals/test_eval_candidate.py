"""A candidate beside production: worse is refused and named, what production misses too is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from evals import cli
from evals.aimed import about, aimed
from evals.candidate import CandidateVerdict, Pair, judge, told
from evals.datasets import load
from evals.model import EvalRun
from evals.registry import Registry
from evals.state import State
from evals.subject import Subject
from evals.thresholds import TaskBars, Thresholds
from prompts.loader import load_prompts

AT = datetime(2026, 1, 5, tzinfo=UTC)


def _bars(**given: object) -> Thresholds:
    return Thresholds(tasks={"triage": TaskBars.model_validate(given)})


def test_a_worse_candidate_is_refused_with_its_cases(
    good_run: EvalRun, worse_run: EvalRun, found: Registry
) -> None:
    pairs = [Pair(good_run, worse_run)]
    verdict = judge(pairs, _bars(regression=("top1",)), found)
    assert verdict.state == "fail"
    record = told(Subject.parse("taxonomy@2"), (State(), State()), pairs, verdict, found, AT)
    assert record.exit_code == 1
    assert any("top1 (all)" in reason for reason in record.reasons)
    top1 = record.figures["triage.top1[all]"]
    assert (top1.baseline, top1.n) == (1, 40)
    assert top1.high < 0
    assert {one.case for one in record.regressions if one.metric == "top1"} == {
        f"case-{n}" for n in range(40) if n % 3 == 0
    }
    assert record.cases == {"triage": 40}
    assert CandidateVerdict.model_validate_json(record.model_dump_json()) == record


def test_a_bar_production_misses_does_not_hold_an_improvement_up(
    good_run: EvalRun, worse_run: EvalRun, found: Registry, helpers: SimpleNamespace
) -> None:
    samples = worse_run.samples
    answers = [helpers.answer("complaint" if n % 4 == 0 else "praise") for n in range(40)]
    better = helpers.run(samples, answers, "better")
    bars = _bars(at_least={"top1": 0.9})
    assert judge([Pair(worse_run, better)], bars, found).state == "pass"
    assert judge([Pair(good_run, better)], bars, found).state == "fail", "production reached it"


def test_a_bar_against_danger_holds_whatever_production_does(
    worse_run: EvalRun, found: Registry
) -> None:
    bars = _bars(at_least={"top1": 0.9}, absolute=("top1",))
    assert judge([Pair(worse_run, worse_run)], bars, found).state == "fail"


@pytest.fixture
def run_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("HUIYIN_LLM__BASE_URL", raising=False)
    path = tmp_path / "verdict.json"

    def call(subject: str, text: str) -> tuple[int, CandidateVerdict]:
        candidate = tmp_path / "candidate.md"
        candidate.write_text(text)
        given = ["--subject", subject, "--file", f"{candidate}", "--out", f"{tmp_path}/out"]
        result = CliRunner().invoke(cli.app, ["candidate", *given, "--json", f"{path}"])
        return result.exit_code, CandidateVerdict.model_validate_json(path.read_text())

    return SimpleNamespace(call=call)


def test_what_production_has_already_passes(run_cli: SimpleNamespace) -> None:
    code, record = run_cli.call(
        "prompt:reply/grounded.zh@1", load_prompts().get("reply/grounded.zh").text
    )
    assert (code, record.verdict, record.cases) == (0, "pass", {})
    assert record.baseline_hash == record.candidate_hash


@pytest.fixture
def few(helpers: SimpleNamespace) -> SimpleNamespace:
    """Forty English cases and two Chinese ones; `run(n)` loses so many of the Chinese."""
    samples = [helpers.sample(2 * n + 1) for n in range(40)]
    samples += [helpers.sample(100), helpers.sample(102)]

    def run(lost: int) -> EvalRun:
        answers = ["praise"] * (42 - lost) + ["complaint"] * lost
        made: EvalRun = helpers.run(samples, [helpers.answer(one) for one in answers])
        return made

    return SimpleNamespace(run=run, zh=Subject.parse("prompt:reply/grounded.zh"))


def test_a_prompt_that_spoils_its_few_cases_is_refused_though_the_whole_holds(
    few: SimpleNamespace, found: Registry
) -> None:
    bars, sound = _bars(at_least={"top1": 0.9}, regression=("top1",)), few.run(0)
    spoilt = [Pair(sound, few.run(2))]
    assert judge(spoilt, bars, found).state == "pass", "two of 42 do not show"
    (check,) = aimed(few.zh, spoilt, bars)
    assert (check.state, check.task) == ("fail", "triage")
    assert "2 of the 2 cases about reply/grounded.zh lost" in check.detail
    states = {lost: [c.state for c in aimed(few.zh, [Pair(sound, few.run(lost))], bars)]
              for lost in (0, 1)}  # fmt: skip
    assert states == {0: ["pass"], 1: ["inconclusive"]}, "one alone may be chance"
    same = aimed(few.zh, [Pair(few.run(2), few.run(2))], bars)
    assert [one.state for one in same] == ["pass"], "production does no better"


def test_a_prompt_no_case_is_about_is_inconclusive_and_many_cases_speak_for_themselves(
    few: SimpleNamespace, found: Registry
) -> None:
    bars, pair = _bars(at_least={"top1": 0.9}), [Pair(few.run(0), few.run(0))]
    (none,) = aimed(Subject.parse("prompt:post/welcome.zh"), pair, bars)
    assert (none.state, none.detail) == (
        "inconclusive", "no golden case is about post/welcome.zh"
    )  # fmt: skip
    assert list(aimed(Subject.parse("prompt:reply/grounded.en"), pair, bars)) == []
    assert list(aimed(Subject.parse("taxonomy"), pair, bars)) == []


def test_each_prompt_of_a_post_has_golden_briefs() -> None:
    samples = load("posts").samples
    for one in load_prompts():
        if one.id.startswith("post/"):
            subject = Subject.parse(f"prompt:{one.id}")
            assert sum(about(subject, sample) for sample in samples) >= 2, one.id


def test_a_prompt_no_task_asks_about_says_why(run_cli: SimpleNamespace) -> None:
    text = load_prompts().get("theme/name.zh").text + "请简短。\n"
    code, record = run_cli.call("prompt:theme/name.zh@2", text)
    assert (code, record.verdict) == (3, "inconclusive")
    assert "how a theme should be called" in record.reasons[0]


def test_a_prompt_says_nothing_without_a_model(run_cli: SimpleNamespace) -> None:
    text = load_prompts().get("reply/grounded.zh").text + "请简短。\n"
    code, record = run_cli.call("prompt:reply/grounded.zh@2", text)
    assert (code, record.verdict) == (3, "inconclusive")
    assert "model" in record.reasons[0]
