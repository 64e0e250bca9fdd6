"""One self-contained HTML file; every text passes Jinja's escaping."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.model import EvalRun, Verdict
from evals.report import views
from evals.report.lost import behind
from evals.report.paper import environment
from evals.report.spent import COLUMNS, spent
from evals.trend import Line


def render_page(
    runs: Sequence[EvalRun], verdict: Verdict | None, history: Sequence[Line] = ()
) -> str:
    """The report as HTML with inline SVG; it loads nothing. `history` is the trend over runs."""
    sections = [_section(run) for run in runs]
    page = environment().get_template("page.html")
    notes = views.notes(runs)
    return page.render(
        sections=sections,
        verdict=verdict,
        notes=notes,
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


def _section(run: EvalRun) -> dict[str, object]:
    return {
        "run": run,
        "rows": views.rows(run),
        "drawn": views.drawn(run),
        "own": views.own(run),
        "categories": views.slice_figures(run, "label_f1", "category:"),
        "tags": views.slice_figures(run, "top1", "tag:"),
        "trust": views.trust(run),
        "most_confused": views.most_confused(run),
        "confusion": views.confusion(run),
        "missed": views.missed(run),
        "behind": behind(run),
    }
