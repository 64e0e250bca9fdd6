"""The trend over stored runs: what may be compared, what may not, and how it is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from evals import cli
from evals.errors import NoCases
from evals.model import EvalRun
from evals.report.history import sparkline
from evals.report.page import render_page
from evals.store import save_run
from evals.trend import Line, read_history, trend


def _line(lines: Sequence[Line], metric: str) -> Line:
    return next(line for line in lines if line.metric == metric)


@pytest.fixture
def later(helpers: SimpleNamespace) -> list[EvalRun]:
    """Three runs, days apart; the first has fewer cases and the last is worse than the second."""
    samples = [helpers.sample(n) for n in range(4)]
    right, wrong = helpers.answer("praise"), helpers.answer("chat")
    runs = [
        helpers.run(samples[:2], [right] * 2),
        helpers.run(samples, [right] * 4),
        helpers.run(samples, [right, right, right, wrong]),
    ]
    return [_moved(run, day) for day, run in enumerate(runs)]


def _moved(run: EvalRun, day: int) -> EvalRun:
    made = run.manifest
    changed = {"id": f"run-{day}", "started_at": made.started_at + timedelta(days=day)}
    return run.model_copy(update={"manifest": made.model_copy(update=changed)})


def test_runs_of_other_cases_are_not_comparable(later: list[EvalRun]) -> None:
    line = _line(trend(reversed(later)), "top1")
    assert [point.run for point in line.points] == ["run-0", "run-1", "run-2"], "oldest first"
    assert [point.comparable for point in line.points] == [False, True, True]
    assert [point.value for point in line.points] == [1.0, 1.0, 0.75]
    assert line.points[0].cases != line.points[1].cases == line.points[2].cases


def test_the_line_scales_over_comparable_runs_and_marks_the_others(later: list[EvalRun]) -> None:
    points = _line(trend(later), "top1").points
    assert sparkline(points) == "x█▁"
    gap = points[1].model_copy(update={"value": None})
    assert sparkline((gap, points[2])) == "·▅", "unscored is not low"


def test_the_page_marks_what_cannot_be_compared(later: list[EvalRun]) -> None:
    page = render_page(later[-1:], None, trend(later))
    assert page.count("other cases: not comparable") == 1
    assert 'aria-label="top1 over runs"' in page
    assert 'id="history"' not in render_page(later[-1:], None)


def test_history_reads_runs_and_baselines_once_and_names_what_is_none(
    later: list[EvalRun], tmp_path: Path
) -> None:
    out, baselines = tmp_path / "out", tmp_path / "baselines"
    for run in later[1:]:
        save_run(run, out / run.manifest.id / "run.json")
    for run in later[:2]:
        save_run(run, baselines / f"{run.manifest.id}.json")
    save_run(later[0], out / "candidates" / "x" / "production" / "run.json")
    broken = out / "old" / "run.json"
    broken.parent.mkdir()
    broken.write_text("{}")
    found = read_history(out, baselines)
    assert [run.manifest.id for run in found.runs] == ["run-0", "run-1", "run-2"]
    assert found.unreadable == (broken,)
    assert [run.manifest.id for run in read_history(out, baselines, most=1).runs] == ["run-2"]
    assert read_history(out, baselines, ["retrieval"]).runs == ()


def test_the_command_prints_and_writes_the_trend(later: list[EvalRun], tmp_path: Path) -> None:
    for run in later:
        save_run(run, tmp_path / run.manifest.id / "run.json")
    none = tmp_path / "none"
    command = ["trend", "--out", str(tmp_path), "--baselines", str(none)]
    done = CliRunner().invoke(cli.app, [*command, "--task", "triage"])
    assert done.exit_code == 0, done.output
    assert "run-2" in done.output
    written = json.loads((tmp_path / "trend.json").read_text())
    assert [one["comparable"] for one in written["triage.top1"]] == [False, True, True]
    nothing = CliRunner().invoke(cli.app, [*command, "--task", "draft"])
    assert isinstance(nothing.exception, NoCases)
