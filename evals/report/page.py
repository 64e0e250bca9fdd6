"""One self-contained HTML file; every text passes Jinja's escaping."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evals.model import EvalRun, Figure, Verdict
from evals.report import views

_FOLDER = Path(__file__).parent


def render_page(runs: Sequence[EvalRun], verdict: Verdict | None) -> str:
    """The report as HTML with inline SVG; it loads nothing."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = _number
    sections = [_section(run) for run in runs]
    page = environment.get_template("page.html")
    return page.render(sections=sections, verdict=verdict, notes=views.notes(runs))


def write_page(runs: Sequence[EvalRun], verdict: Verdict | None, path: Path) -> Path:
    """Write the report; returns the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_page(runs, verdict), encoding="utf-8")
    return path


def _section(run: EvalRun) -> dict[str, object]:
    return {
        "run": run,
        "rows": views.rows(run),
        "drawn": views.drawn(run),
        "categories": views.slice_figures(run, "label_f1", "category:"),
        "tags": views.slice_figures(run, "top1", "tag:"),
        "trust": views.trust(run),
        "most_confused": views.most_confused(run),
        "confusion": views.confusion(run),
        "missed": views.missed(run),
    }


def _number(figure: Figure | None) -> str:
    return "–" if figure is None or figure.value is None else f"{figure.value:.3f}"
