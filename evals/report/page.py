"""One self-contained HTML file; every text passes Jinja's escaping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from evals.gate import OWN_CASES
from evals.model import OVERALL, OWN, Check, EvalRun, Verdict
from evals.report import views
from evals.report.confusion import confusion, most_confused
from evals.report.drill import Drill, drill
from evals.report.paper import environment
from evals.report.sliced import Sliced, sliced
from evals.report.spent import COLUMNS, spent
from evals.trend import Line


def render_page(
    runs: Sequence[EvalRun], verdict: Verdict | None, history: Sequence[Line] = ()
) -> str:
    """The report as HTML with inline SVG; it loads nothing. `history` is the trend over runs."""
    drills = [drill(run) for run in runs]
    sections = [_section(run, one) for run, one in zip(runs, drills, strict=True)]
    page = environment().get_template("page.html")
    notes = views.notes(runs)
    return page.render(
        sections=sections,
        verdict=verdict,
        notes=notes,
        led=partial(_led, {one.task: one for one in drills}),
        marks=_marks(drills),
        history=history,
        spent=spent(runs),
        spent_columns=COLUMNS,
    )


def write_page(
    runs: Sequence[EvalRun], verdict: Verdict | None, path: Path, history: Sequence[Line] = ()
) -> Path:
    """Write the report; returns the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_page(runs, verdict, history), encoding="utf-8")
    return path


def _section(run: EvalRun, behind: Drill) -> dict[str, object]:
    told = sliced(run)
    losing = [one for one in told if _loses(one, behind)]
    return {
        "run": run,
        "rows": views.rows(run),
        "drawn": views.drawn(run),
        "own": views.own(run),
        "drill": behind,
        "losing": losing,
        "whole": [one for one in told if one not in losing],
        "trust": views.trust(run),
        "most_confused": most_confused(run),
        "confusion": confusion(run),
    }


def _loses(told: Sliced, behind: Drill) -> bool:
    """Whether there is anything behind a measure: lost points, or a value no case has alone."""
    figures = [one for group in told.groups for one in group.figures]
    return told.metric in behind.totals or any(behind.at(told.metric, one.slice) for one in figures)


def _led(drills: Mapping[str, Drill], check: Check) -> str | None:
    """Where a check of the gate leads to: the cases behind the figure it is of."""
    found = drills.get(check.task)
    if found is None or check.name == OWN_CASES:
        return found.within(OWN) if found else None
    metric, _, name = check.name.partition(" (")
    return found.at(metric, name.removesuffix(")") or OVERALL)


def _marks(drills: Sequence[Drill]) -> tuple[str, ...]:
    """Selectors of the cases that a filter leaves out: those without its marks."""
    found = {mark for one in drills for told in one.filters.values() for mark in told.marks.split()}
    return tuple(f".cases:has(.at.{mark}:target) article:not(.{mark})" for mark in sorted(found))
