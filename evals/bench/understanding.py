"""How well messages are understood, on public sets nobody here wrote."""

from __future__ import annotations

from pathlib import Path

from evals.bench.classify import SPECS, classified
from evals.bench.figures import Figures
from evals.bench.passages import community_rules, stard
from evals.production import ProductionEngines
from service.settings import load_settings

PASSAGES = {
    ("stard_zh.hit1", "stard_zh.hit5"): stard,
    ("community_rules.hit1",): community_rules,
}
NOT_BUILT = {
    "clinc150.in_scope_accuracy": "not built yet: abstention over user-defined label sets",
    "clinc150.oos_recall": "not built yet: abstention over user-defined label sets",
    "cold_zh.anti_bias_safe": "not built yet: needs rows with fine labels",
    "prompt_injection_en.indirect_recall": "not built yet",
    "presidio_pii_en.recall_PERSON": "not built yet",
}


def understanding(figures: Figures, data: Path | None, only: str | None) -> None:
    """Ours beside the peers `<name>.words` and `<name>.plain`."""
    engines, wanted = ProductionEngines(load_settings()), only or ""
    for spec in SPECS:
        if spec.name.startswith(wanted):
            figures.measure((spec.name,), lambda s=spec: classified(engines, data, s))  # type: ignore[misc]
    for names, take in PASSAGES.items():
        if any(name.startswith(wanted) for name in names):
            figures.measure(names, lambda t=take: t(engines, data))  # type: ignore[misc]
    for name, reason in NOT_BUILT.items():
        if name.startswith(wanted):
            figures.missing((name,), reason)
