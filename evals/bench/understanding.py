"""How well messages are understood, on public sets nobody here wrote."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from evals.bench.classify import SPECS, classified
from evals.bench.figures import Figures
from evals.bench.passages import community_rules, stard
from evals.bench.pii import NAMES, redacted
from evals.production import ProductionEngines
from service.settings import load_settings

OTHERS = {
    ("stard_zh.hit1", "stard_zh.hit5"): stard,
    ("community_rules.hit1",): community_rules,
    NAMES: redacted,
}


def understanding(figures: Figures, data: Path | None, only: str | None) -> None:
    """Ours beside the peers `<name>.words` and `<name>.plain`."""
    engines, wanted = ProductionEngines(load_settings()), only or ""
    for spec in SPECS:
        if any(name.startswith(wanted) for name in spec.names):
            figures.measure(spec.names, partial(classified, engines, data, spec))
    for names, take in OTHERS.items():
        if any(name.startswith(wanted) for name in names):
            figures.measure(names, partial(take, engines, data))
