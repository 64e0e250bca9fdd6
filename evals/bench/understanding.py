"""placeholder"""

from pathlib import Path

from evals.bench.figures import Figures


def understanding(figures: Figures, data: Path | None, only: str | None) -> None: ...
