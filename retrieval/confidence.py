"""How sure the search is that the corpus holds a clause for the query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector, Role

COEFFICIENTS = "confidence.json"
SMALL_TALK = "small_talk.txt"


@dataclass(frozen=True, slots=True)
class Features:
    """What the decision rests on.

    `lead`: how much nearer the query is to its nearest clause than small talk of the same
    language is to that clause (difference of cosines). `words`: BM25 of the best passage as a
    share of what the query could reach.
    """

    lead: float
    words: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over `Features`; fitted by `python -m retrieval.calibrate`."""

    intercept: float
    lead: float
    words: float

    def probability(self, features: Features) -> float:
        """Return the calibrated probability, 0..1."""
        total = self.intercept + self.lead * features.lead + self.words * features.words
        return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))


@cache
def shipped() -> Calibration:
    """Read the coefficients that come with the package."""
    stored = json.loads(files("retrieval").joinpath(COEFFICIENTS).read_text(encoding="utf-8"))
    return Calibration(stored["intercept"], stored["lead"], stored["words"])


class Background:
    """How near small talk is to each clause, in the language of the query.

    Cosines of a multilingual model are high for any two texts and higher within one language;
    what counts is by how much a query beats messages that are about nothing in particular.
    """

    def __init__(self, embedder: Embedder, clauses: FloatMatrix) -> None:
        lines = files("retrieval").joinpath(SMALL_TALK).read_text(encoding="utf-8").splitlines()
        vectors = embedder.embed(lines, role=Role.QUERY)
        langs = np.array([detect(line) for line in lines])
        self._nearness: Mapping[str, FloatVector] = {
            lang: np.asarray(clauses @ vectors[langs == lang].mean(axis=0), dtype=np.float32)
            for lang in ("zh", "en")
        }

    def lead(self, cosines: FloatVector, rows: list[int], lang: str) -> float:
        """Return the largest lead over small talk among some clauses."""
        usual = self._nearness.get(lang)
        if usual is None:
            usual = np.maximum(self._nearness["zh"], self._nearness["en"])
        return float((cosines - usual[rows]).max())
