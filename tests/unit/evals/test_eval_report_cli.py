"""Reports escape hostile text; the command line speaks through exit codes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from evals import cli
from evals.bench.figures import Figures, NotMeasured
from evals.gate import gate
from evals.model import Check, EvalRun, Verdict
from evals.registry import Registry
from evals.report.confusion import ABSTAINED, most_confused
from evals.report.junit import junit_xml
from evals.report.page import render_page
from evals.report.summary import write_summary
from evals.report.terminal import print_runs, print_verdict
from evals.store import save_run
from evals.suite import store_baseline
from evals.thresholds import TaskBars, Thresholds

HOSTILE = "<script>alert(1)</script>[red]{{ 7*7 }}{% raw %}\"'><img src=x onerror=alert(1)>"

BARS = """
[tasks.triage]
regression = ["top1"]
[tasks.triage.at_least]
top1 = 0.5
"""


@pytest.fixture
def hostile_run(helpers: SimpleNamespace) -> EvalRun:
    samples = [helpers.sample(n, text=HOSTILE, category=HOSTILE) for n in range(12)]
    run: EvalRun = helpers.run(samples, [helpers.answer("praise")] * 12)
    return run


def test_the_page_holds_hostile_text_only_as_text(hostile_run: EvalRun, found: Registry) -> None:
    verdict = gate([hostile_run], {}, Thresholds(tasks={"triage": TaskBars()}), found)
    page = render_page([hostile_run], verdict)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page, "never evaluated"
    assert "http" not in page.replace("http-equiv", ""), "loads nothing"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet=st.sampled_from("<>&\"'/={}%#script img\n回"), max_size=40))
def test_no_text_becomes_markup(text: str, helpers: SimpleNamespace) -> None:
    page = render_page([_lost(helpers, f"{HOSTILE}{text}")], None)
    assert _tags(page) == _tags(render_page([_lost(helpers, "plain")], None))


def _lost(helpers: SimpleNamespace, text: str) -> EvalRun:
    """A run that lost a case with this text."""
    run: EvalRun = helpers.run([helpers.sample(0, text=text)], [helpers.answer("chat")])
    return run


def _tags(page: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Every element of a page with its attributes, in order."""
    parser = HTMLParser()
    found: list[tuple[str, list[tuple[str, str | None]]]] = []
    parser.handle_starttag = lambda tag, attrs: found.append((tag, attrs))  # type: ignore[method-assign]
    parser.feed(page)
    return found


def test_the_page_draws_what_a_triage_run_gives(good_run: EvalRun, worse_run: EvalRun) -> None:
    page = render_page([worse_run], None)
    assert page.count("<circle") >= 1
    assert "complaint" in page
    assert "rule-grounded template" in page
    assert "case-0" in page
    assert "case-0" not in render_page([good_run], None), "cases that lost nothing are not listed"


def test_the_page_shows_confidence_in_each_language(worse_run: EvalRun) -> None:
    page = render_page([worse_run], None)
    for name, cases in (("all", 40), ("zh", 20), ("en", 20)):
        assert f'aria-label="reliability diagram, {name}"' in page
        assert f'aria-label="abstention curve, {name}"' in page
        assert f">{cases}</text>" in page, "every bin tells its cases"
    assert page.count("97% right is not reached") == 3


def test_the_page_states_what_can_be_kept(helpers: SimpleNamespace) -> None:
    samples = [helpers.sample(n) for n in range(20)]
    answers = [helpers.answer("praise", confidence=0.9)] * 15
    answers += [helpers.answer("chat", confidence=0.4)] * 5
    page = render_page([helpers.run(samples, answers)], None)
    assert "all: 75% kept at 100.0% right, from confidence 0.90" in page


def test_mistakes_are_ranked_by_how_often_they_happen(helpers: SimpleNamespace) -> None:
    samples = [helpers.sample(n) for n in range(7)]
    given = ["complaint", "praise", "chat", "chat", "chat", None, None]
    run = helpers.run(samples, [helpers.answer(name) for name in given])
    ranked = [(c.wanted, c.given, c.n) for c in most_confused(run)]
    assert ranked == [
        ("praise", "chat", 3),
        ("praise", ABSTAINED, 2),
        ("praise", "complaint", 1),
    ]


def test_the_terminal_survives_markup(hostile_run: EvalRun, found: Registry) -> None:
    console = Console(record=True, width=160)
    print_runs([hostile_run], console)
    print_verdict(gate([hostile_run], {}, Thresholds(tasks={}), found), console)
    assert "inconclusive" in console.export_text()


def test_the_summary_keeps_unscored_figures_null(tmp_path: Path, good_run: EvalRun) -> None:
    path = write_summary([good_run], None, tmp_path / "report.json")
    figures = json.loads(path.read_text())["figures"]
    assert figures["triage.top1[all]"] == 1
    assert figures["triage.severity_floor[all]"] is None


def _cli(arguments: Sequence[str]) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, list(arguments))
    return result.exit_code, result.output


@pytest.fixture
def stored(tmp_path: Path, good_run: EvalRun, worse_run: EvalRun) -> Path:
    save_run(good_run, tmp_path / "good" / "run.json")
    save_run(worse_run, tmp_path / "worse" / "run.json")
    store_baseline(good_run, tmp_path / "baselines")
    (tmp_path / "bars.toml").write_text(BARS)
    return tmp_path


def test_gate_exits_by_its_verdict(stored: Path) -> None:
    more = ["--baselines", f"{stored}/baselines", "--thresholds", f"{stored}/bars.toml"]
    assert _cli(["gate", f"{stored}/good", *more])[0] == 0
    code, said = _cli(["gate", f"{stored}/worse", *more])
    assert code == 1
    assert "top1 (all)" in said


def test_every_check_is_a_test_case_for_a_build_server(stored: Path) -> None:
    more = ["--baselines", f"{stored}/baselines", "--thresholds", f"{stored}/bars.toml"]
    _cli(["gate", f"{stored}/worse", *more, "--junit", f"{stored}/junit.xml"])
    root = ET.fromstring((stored / "junit.xml").read_text())  # noqa: S314 our own file
    assert int(root.attrib["failures"]) >= 1
    failed = [case.attrib for case in root.iter("testcase") if case.find("failure") is not None]
    assert {"classname": "evals.triage", "name": "regression top1 (all)"} in failed
    assert len(list(root.iter("testcase"))) == int(root.attrib["tests"])


def test_what_is_undecided_is_no_green_test_case_and_hostile_text_stays_text() -> None:
    checks = [
        Check(task="triage", kind="bar", name=HOSTILE, state="inconclusive", detail="\x00\x1b[31m"),
        Check(task="draft", kind="bar", name="cite_recall", state="pass", detail="0.9"),
    ]
    text = junit_xml(Verdict(state="inconclusive", checks=tuple(checks)))
    root = ET.fromstring(text)  # noqa: S314 our own text
    assert (root.attrib["errors"], root.attrib["failures"]) == ("1", "0")
    (hostile,) = [case for case in root.iter("testcase") if "triage" in case.attrib["classname"]]
    assert hostile.attrib["name"] == f"bar {HOSTILE}"
    assert "<script" not in text


def test_score_compare_and_report_work_on_stored_runs(stored: Path) -> None:
    assert _cli(["score", f"{stored}/worse"])[0] == 0
    bars = ["--thresholds", f"{stored}/bars.toml"]
    code, said = _cli(["compare", f"{stored}/good", f"{stored}/worse", *bars])
    assert code == 1
    assert "worse: case-0" in said
    assert _cli(["compare", f"{stored}/worse", f"{stored}/good", *bars])[0] == 0
    code, said = _cli(["report", f"{stored}/good", f"{stored}/worse", "--out", f"{stored}/out"])
    assert code == 0
    assert "report.html" in said
    assert (stored / "out" / "report.html").is_file()


def test_expected_errors_are_one_line_and_exit_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.argv", ["evals", "score", str(tmp_path / "none")])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "not a stored run" in capsys.readouterr().err


def test_bench_writes_null_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "speed.json"
    told = ["bench", "speed", "--only", "pipeline.real", "--json", str(path)]
    assert _cli(told)[0] == 0
    content = json.loads(path.read_text())
    notes = content.pop("_notes")
    assert content
    assert all(value is None and "--data" in notes[key] for key, value in content.items())


def test_figures_that_fail_are_null_not_zero() -> None:
    figures = Figures()

    def fails() -> dict[str, float]:
        raise NotMeasured("the set is missing")

    figures.measure(("a.x", "a.y"), fails)
    figures.measure(("b.x", "b.y"), lambda: {"b.x": 0.5, "b.words": 0.25})
    assert figures.values == {"a.x": None, "a.y": None, "b.x": 0.5, "b.words": 0.25, "b.y": None}
    assert figures.notes["a.x"] == "the set is missing"
