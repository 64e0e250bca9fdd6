"""Figures and verdict as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evals.compare import fallen
from evals.model import Comparison, EvalRun, Figure, Verdict
from evals.report.spent import spent, spent_table
from evals.report.views import Drawn, Owned, drawn, notes, own, rows

_COLOURS = {"pass": "green", "fail": "red", "inconclusive": "yellow"}


def print_runs(runs: Iterable[EvalRun], console: Console) -> None:
    """One table a task; a dash means unscored."""
    runs = list(runs)
    for run in runs:
        console.print(_figures(run))
        if told_apart := drawn(run):
            console.print(_drawn(run, told_apart))
        if owned := own(run):
            console.print(_own(run, owned))
    console.print(spent_table(spent(runs)))
    for note in notes(runs):
        console.print(f"  {escape(note)}", style="dim")


def print_verdict(verdict: Verdict, console: Console) -> None:
    """The verdict and every check that did not pass."""
    table = Table(title="Gate: checks that did not pass", title_justify="left")
    for column in ("task", "kind", "check", "state", "detail"):
        table.add_column(column)
    open_checks = [check for check in verdict.checks if check.state != "pass"]
    for check in open_checks:
        state = f"[{_COLOURS[check.state]}]{check.state}[/]"
        table.add_row(check.task, check.kind, escape(check.name), state, escape(check.detail))
    if open_checks:
        console.print(table)
    for line in verdict.ignored:
        console.print(f"  ignored: {escape(line)}", style="yellow")
    passed = len(verdict.checks) - len(open_checks)
    colour = _COLOURS[verdict.state]
    console.print(f"[bold {colour}]{verdict.state}[/]: {passed} of {len(verdict.checks)} checks")


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Differences with intervals (of slices only those that moved), then the cases that got
    worse."""
    title = f"{comparison.task}: {comparison.baseline} → {comparison.candidate}"
    table = Table(title=f"{title}, {comparison.shared} shared cases", title_justify="left")
    for column in ("measure", "slice", "before", "after", "gain", "95 %", "p", "n"):
        table.add_column(column, justify="left" if column in ("measure", "slice") else "right")
    for delta, worse in zip(comparison.deltas, fallen(comparison.deltas), strict=True):
        if not (delta.whole or delta.difference):
            continue
        style = "red" if worse else "green" if delta.low > 0 else None
        interval = f"{delta.low:+.3f} … {delta.high:+.3f}"
        p = "–" if delta.p is None else f"{delta.p:.3f}"
        values = (f"{delta.baseline:.3f}", f"{delta.candidate:.3f}", f"{delta.difference:+.3f}")
        table.add_row(delta.metric, delta.slice, *values, interval, p, str(delta.n), style=style)
    console.print(table)
    for change in comparison.regressions:
        step = f"{change.baseline:.2f} → {change.candidate:.2f}"
        console.print(f"  worse: {escape(change.sample_id)} {change.metric} {step}")


def _figures(run: EvalRun) -> Table:
    count = sum(not sample.own for sample in run.samples)
    title = f"{run.manifest.task}: {count} cases, {run.seconds:.1f} s"
    table = Table(title=title, title_justify="left")
    table.add_column("measure")
    for column in ("all", "95 %", "zh", "en", "scored"):
        table.add_column(column, justify="right")
    for row in rows(run):
        cells = (_number(row.overall), _interval(row.overall), _number(row.zh), _number(row.en))
        table.add_row(row.metric, *cells, str(row.overall.n))
    return table


def _drawn(run: EvalRun, found: Sequence[Drawn]) -> Table:
    title = f"{run.manifest.task}: cases as they come (random), and sought for difficulty (hard)"
    table = Table(title=title, title_justify="left")
    table.add_column("measure")
    for column in ("random", "95 %", "scored", "hard", "95 %", "scored"):
        table.add_column(column, justify="right")
    for row in found:
        sides = ((_number(f), _interval(f), str(f.n)) for f in (row.random, row.hard))
        table.add_row(row.metric, *(cell for side in sides for cell in side))
    return table


def _own(run: EvalRun, found: Sequence[Owned]) -> Table:
    count = sum(sample.own for sample in run.samples)
    title = f"{run.manifest.task}: the community's own {count} cases, and the golden ones"
    table = Table(title=title, title_justify="left")
    table.add_column("measure")
    for column in ("own", "95 %", "scored", "golden"):
        table.add_column(column, justify="right")
    for row in found:
        cells = (_number(row.own), _interval(row.own), str(row.own.n), _number(row.golden))
        table.add_row(row.metric, *cells)
    return table


def _number(figure: Figure | None) -> str:
    return "–" if figure is None or figure.value is None else f"{figure.value:.3f}"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{figure.low:.3f} … {figure.high:.3f}"
