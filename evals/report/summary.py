"""Figures and verdict as flat JSON, for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from evals.model import EvalRun, Verdict
from evals.report.spent import as_json, spent


def write_summary(runs: Sequence[EvalRun], verdict: Verdict | None, path: Path) -> Path:
    """Write `{"figures": {"triage.top1[all]": …}, "spent": {"triage": …}, "verdict": …}`; unscored
    figures are null, and so is what is not known of money and time."""
    figures = {
        f"{run.manifest.task}.{figure.metric}[{figure.slice}]": figure.value
        for run in runs
        for figure in run.figures
    }
    manifests = [run.manifest.model_dump(mode="json", exclude={"sample_ids"}) for run in runs]
    content = {
        "figures": figures,
        "spent": {row.task: as_json(row) for row in spent(runs)},
        "verdict": verdict.model_dump(mode="json") if verdict else None,
        "runs": manifests,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path
