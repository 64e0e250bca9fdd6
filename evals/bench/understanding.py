"""How well messages are understood, on public sets nobody here wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evals.bench.classify import SPECS, classified
from evals.bench.figures import Figures
from evals.bench.paired import NAMES as PAIRED
from evals.bench.paired import paired
from evals.bench.passages import community_rules, stard
from evals.bench.pii import NAMES as PII
from evals.bench.pii import redacted
from evals.bench.progress import following
from evals.production import ProductionEngines
from service.settings import load_settings

OTHERS = {
    ("stard_zh.hit1", "stard_zh.hit5"): stard,
    ("community_rules.hit1",): community_rules,
    PII: redacted,
    PAIRED: paired,
}


class _Step(NamedTuple):
    """Figures taken together."""

    names: tuple[str, ...]
    take: Callable[[], dict[str, float]]


def understanding(figures: Figures, data: Path | None, only: str | None) -> None:
    """Ours beside the peers `<name>.words` and `<name>.plain`; progress on standard error."""
    engines, wanted = ProductionEngines(load_settings()), only or ""
    steps = [
        step
        for step in _steps(engines, data)
        if any(name.startswith(wanted) for name in step.names)
    ]
    with following(len(steps)) as follow:
        for step in steps:
            follow(step.names, partial(figures.measure, step.names, step.take))


def _steps(engines: ProductionEngines, data: Path | None) -> Iterator[_Step]:
    for spec in SPECS:
        yield _Step(spec.names, partial(classified, engines, data, spec))
    for names, take in OTHERS.items():
        yield _Step(names, partial(take, engines, data))
