"""How sure the search is that what it found answers the query."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from functools import cache
from importlib.resources import files

import numpy as np

COEFFICIENTS = "confidence.json"


@dataclass(frozen=True, slots=True)
class Features:
    """What the decision rests on, all but the last about the clause ranked first.

    `lead`: how much nearer the query is to it than usual messages of the same language are
    (difference of cosines). `words`: its BM25 as a share of what the query could reach.
    `concepts`: share of the query's concepts it holds. `margin`: its score less that of the fifth,
    in the units of the fused score (0 where there are no five). `usual`: how near the query is to
    usual messages of its language, less how near those are to each other (mean cosines). The lead
    is measured against them, so a text near to them leads by less, also in another language.
    """

    lead: float
    words: float
    concepts: float
    margin: float
    usual: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over `Features`; fitted by `python -m retrieval.calibrate`."""

    intercept: float
    lead: float
    words: float
    concepts: float
    margin: float
    usual: float

    def probability(self, features: Features) -> float:
        """Return the calibrated probability, 0..1."""
        slopes = (self.lead, self.words, self.concepts, self.margin, self.usual)
        total = self.intercept + float(np.dot(slopes, astuple(features)))
        return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))


@cache
def shipped() -> Calibration:
    """Read the coefficients that come with the package."""
    stored = json.loads(files("retrieval").joinpath(COEFFICIENTS).read_text(encoding="utf-8"))
    return Calibration(**stored["model"])
