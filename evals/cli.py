"""`python -m evals`: run, score, compare, gate and report; `all` does them in a row.

Exit codes: 0 passed, 1 failed, 2 the evaluation could not be carried out, 3 inconclusive.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from rich.console import Console

from evals import suite
from evals.asking import manner
from evals.bench.cli import bench
from evals.candidate import Pair, judge
from evals.candidate_cli import candidate
from evals.cases import TaskName
from evals.compare import compare as compare_runs
from evals.console import bar, console
from evals.drafts.cli import drafts
from evals.errors import EvalError
from evals.gate import gate as check_gate
from evals.judges.cli import judge as judge_texts
from evals.judges.people_cli import labels
from evals.judges.trust import load_agreements
from evals.matrix.cli import matrix
from evals.model import EvalRun, Verdict
from evals.registry import registry
from evals.report.junit import write_junit
from evals.report.page import write_page
from evals.report.summary import write_summary
from evals.report.terminal import print_comparison, print_runs, print_verdict
from evals.reproduce_cli import reproduce
from evals.score import score_run
from evals.store import load_run, save_run
from evals.thresholds import FILE as THRESHOLDS
from evals.thresholds import load_thresholds
from evals.trend import read_history
from evals.trend import trend as trend_of
from evals.trend_cli import trend
from service.domain.quality import Agreement
from service.errors import AppError

if TYPE_CHECKING:
    from evals.wiring import Engines

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.command(name="bench")(bench)
app.command(name="drafts")(drafts)
app.command(name="candidate")(candidate)
app.command(name="reproduce")(reproduce)
app.command(name="judge")(judge_texts)
app.command(name="labels")(labels)
app.command(name="trend")(trend)
app.command(name="matrix")(matrix)
TASKS = cast("tuple[TaskName, ...]", get_args(TaskName))
OUT = Path(".huiyin/evals")

Out = Annotated[Path, typer.Option(help="Folder of runs and reports.")]
Runs = Annotated[list[Path], typer.Argument(help="Stored runs (folders or run.json files).")]
Baselines = Annotated[Path, typer.Option(help="Folder of baselines.")]
Bars = Annotated[Path, typer.Option(help="The gate's bars.")]
Tasks = Annotated[list[str] | None, typer.Option("--task", help="Only this task; repeatable.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Draw so many cases with the seed.")]
Seed = Annotated[int, typer.Option(help="Seed of draws and intervals.")]
Repeats = Annotated[int, typer.Option(min=1, help="Ask so often where a model writes.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ask the model anew, keep nothing.")]
Junit = Annotated[Path | None, typer.Option(help="Write every check as JUnit XML.")]
People = Annotated[
    Path | None,
    typer.Option("--agreement", help="Judges' agreement with people (GET /v1/labels/agreement)."),
]
OwnCases = Annotated[
    Path | None,
    typer.Option("--own", help="A community's own cases: a file (one --task) or a folder of them."),
]
Resume = Annotated[bool, typer.Option(help="Continue the newest run of each task.")]


@app.command()
def run(
    out: Out = OUT,
    task: Tasks = None,
    limit: Limit = None,
    seed: Seed = 7,
    resume: Resume = False,
    repeats: Repeats = 1,
    no_cache: NoCache = False,
    own: OwnCases = None,
) -> None:
    """Ask the production engines about the golden cases, score and store the answers."""
    plan = suite.Plan(out, datetime.now(UTC), seed, limit, resume, repeats=repeats, own=own)
    runs = _run(replace(plan, manner=manner(cached=not no_cache)), task)
    print_runs(runs, console)


@app.command()
def score(path: Annotated[Path, typer.Argument(help="A stored run.")]) -> None:
    """Score a stored run again, without asking any engine."""
    scored = score_run(load_run(path), registry())
    save_run(scored, path / "run.json" if path.is_dir() else path)
    print_runs([scored], console)


@app.command()
def compare(
    baseline: Path, candidate: Path, thresholds: Bars = THRESHOLDS, agreement: People = None
) -> None:
    """Show what changed between two runs of one task, beyond chance and case by case, and exit by
    the gate's word on it."""
    found = registry()
    pair = Pair(*(score_run(load_run(path), found) for path in (baseline, candidate)))
    print_comparison(compare_runs(*pair, found), console)
    verdict = judge([pair], load_thresholds(thresholds), found, _agreements(agreement))
    print_verdict(verdict, console)
    raise typer.Exit(verdict.exit_code)


@app.command()
def gate(
    runs: Runs,
    baselines: Baselines = suite.BASELINES,
    thresholds: Bars = THRESHOLDS,
    junit: Junit = None,
    agreement: People = None,
) -> None:
    """Check stored runs against the bars and the baseline; exit code 0 only for a pass. A judge's
    measure counts where its agreement with people allows."""
    given = [load_run(path) for path in runs]
    verdict = _verdict(given, baselines, thresholds, _agreements(agreement))
    print_verdict(verdict, console)
    if junit:
        write_junit(verdict, junit)
    raise typer.Exit(verdict.exit_code)


@app.command()
def report(runs: Runs, out: Out = OUT) -> None:
    """Write the HTML and JSON report of stored runs."""
    scored = [score_run(load_run(path), registry()) for path in runs]
    print_runs(scored, console)
    _write(scored, None, out)


@app.command(name="all")
def run_all(
    out: Out = OUT,
    task: Tasks = None,
    seed: Seed = 7,
    baselines: Baselines = suite.BASELINES,
    thresholds: Bars = THRESHOLDS,
    repeats: Repeats = 1,
    no_cache: NoCache = False,
    junit: Junit = None,
    set_baseline: Annotated[bool, typer.Option(help="Keep these runs as the baseline.")] = False,
) -> None:
    """Run every task, report, and check the gate."""
    plan = suite.Plan(out, datetime.now(UTC), seed, repeats=repeats)
    runs = _run(replace(plan, manner=manner(cached=not no_cache)), task)
    if set_baseline:
        for item in runs:
            console.print(f"baseline: {suite.store_baseline(item, baselines)}")
    verdict = _verdict(runs, baselines, thresholds)
    print_runs(runs, console)
    print_verdict(verdict, console)
    if junit:
        write_junit(verdict, junit)
    _write(runs, verdict, out)
    raise typer.Exit(verdict.exit_code)


def main() -> None:
    """Entry point; an expected error becomes one line and exit code 2."""
    try:
        app()
    except AppError as error:
        Console(stderr=True).print(
            f"error: {error.message}", style="red", markup=False, soft_wrap=True
        )
        sys.exit(2)


def _run(plan: suite.Plan, names: Sequence[str] | None) -> list[EvalRun]:
    unknown = set(names or ()) - set(TASKS)
    if unknown:
        raise EvalError(f"There is no task {sorted(unknown)[0]}; choose from {', '.join(TASKS)}.")
    wanted = [name for name in TASKS if not names or name in names]
    return suite.run_suite(wanted, _engines(), registry(), plan, bar)


def _engines() -> Engines:
    from evals.production import ProductionEngines
    from service.settings import load_settings

    return ProductionEngines(load_settings())


def _agreements(path: Path | None) -> tuple[Agreement, ...]:
    return load_agreements(path) if path else ()


def _verdict(
    runs: Sequence[EvalRun],
    baselines: Path,
    thresholds: Path,
    agreements: Sequence[Agreement] = (),
) -> Verdict:
    found = registry()
    scored = [score_run(item, found) for item in runs]
    stored = suite.stored_baselines(baselines)
    return check_gate(scored, stored, load_thresholds(thresholds), found, agreements)


def _write(runs: Sequence[EvalRun], verdict: Verdict | None, out: Path) -> None:
    write_summary(runs, verdict, out / "report.json")
    tasks = [run.manifest.task for run in runs]
    history = trend_of(read_history(out, suite.BASELINES, tasks).runs)
    page = write_page(runs, verdict, out / "report.html", history)
    console.print(f"report: {page.resolve()}", soft_wrap=True)
