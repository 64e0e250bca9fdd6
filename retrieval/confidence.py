"""How sure the search is that the corpus holds a clause for the query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import numpy as np

COEFFICIENTS = "confidence.json"


@dataclass(frozen=True, slots=True)
class Features:
    """What the decision rests on; all free of the corpus's language and nearly of its size.

    `dense`: best standardised cosine. `margin`: its lead over the fifth. `lexical`: BM25 of the
    best clause as a share of what the query could reach. `joint`: the same share for the clause
    that is best in both. `size`: natural logarithm of the number of clauses.
    """

    dense: float
    margin: float
    lexical: float
    joint: float
    size: float

    def row(self) -> list[float]:
        """The features in their fixed order."""
        return [float(getattr(self, name)) for name in FEATURES]


FEATURES = tuple(field.name for field in fields(Features))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over `Features`; fitted by `retrieval.calibrate`."""

    intercept: float
    weights: Mapping[str, float]

    def probability(self, features: Features) -> float:
        """Return the calibrated probability, 0..1."""
        total = self.intercept + sum(
            self.weights[name] * value for name, value in zip(FEATURES, features.row(), strict=True)
        )
        return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))


@cache
def shipped() -> Calibration:
    """Read the coefficients that come with the package."""
    stored = json.loads(files("retrieval").joinpath(COEFFICIENTS).read_text(encoding="utf-8"))
    return Calibration(stored["intercept"], stored["weights"])
