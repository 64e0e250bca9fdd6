"""Named figures of a benchmark; one that could not be measured says why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from evals.errors import EvalError


class NotMeasured(EvalError):
    """A figure cannot be measured here; the message is the reason shown beside it."""

    code = "not_measured"


@dataclass(slots=True)
class Figures:
    """Flat results; peers of the same run stand beside ours as `<name>.<peer>`."""

    values: dict[str, float | None] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def missing(self, names: Iterable[str], reason: str) -> None:
        """Set figures to null with the reason."""
        for name in names:
            self.values[name] = None
            self.notes[name] = reason

    def measure(self, names: Iterable[str], take: Callable[[], dict[str, float]]) -> None:
        """Take the figures; whatever of `names` is not among them is null with a reason."""
        names = tuple(names)
        try:
            taken = take()
        except NotMeasured as error:
            self.missing(names, error.message)
            return
        self.values |= {name: round(value, 4) for name, value in taken.items()}
        self.missing((name for name in names if name not in taken), "not part of this set")

    def write(self, path: Path) -> None:
        """Write flat JSON with the reasons under `_notes`."""
        content = {**self.values, "_notes": self.notes}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
