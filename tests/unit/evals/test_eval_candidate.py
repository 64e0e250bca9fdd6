"""A candidate beside production: worse is refused and named, what production misses too is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from evals import cli
from evals.candidate import CandidateVerdict, Pair, judge, told
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


def test_a_prompt_says_nothing_without_a_model(run_cli: SimpleNamespace) -> None:
    text = load_prompts().get("reply/grounded.zh").text + "请简短。\n"
    code, record = run_cli.call("prompt:reply/grounded.zh@2", text)
    assert (code, record.verdict) == (3, "inconclusive")
    assert "model" in record.reasons[0]
