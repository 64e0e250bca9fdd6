"""From features to a calibrated chance; coefficients fitted by `python -m evals fit-support`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict

from retrieval.types import FloatVector
from service.domain.support import SupportKind
from service.drafting.support.bar import Cover
from service.drafting.support.features import NAMES

FILE = "head.json"


class Bar(BaseModel):
    """What a claim in a model's text must reach, beside counting as supported, see `Cover`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chance: float = 1.0
    words: float = 1.0
    part: float = 1.0


class Head(BaseModel):
    """A logistic model over `features.NAMES`.

    From `supported` on a claim counts as supported, below `unsupported` as unsupported; between
    them it is uncertain. `embedder` is the fingerprint of the vectors it was fitted
    on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    embedder: str
    intercept: float
    weights: dict[str, float]
    supported: float
    unsupported: float
    bar: Bar = Bar()

    def passes(self, chance: float, found: Cover) -> bool:
        """Whether a model's claim may leave without a person having looked at it."""
        given = self.bar
        enough = found.words >= given.words and found.part >= given.part
        return enough and not found.dropped and chance >= max(given.chance, self.supported)

    def chance(self, found: FloatVector) -> float:
        """The calibrated probability that the source says what the claim says."""
        weights = np.array([self.weights[name] for name in NAMES])
        total = self.intercept + float(weights @ found)
        return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))

    def kind(self, chance: float) -> SupportKind:
        """What a chance counts as."""
        if chance >= self.supported:
            return SupportKind.SUPPORTED
        return SupportKind.UNCERTAIN if chance >= self.unsupported else SupportKind.UNSUPPORTED


@cache
def shipped() -> Head:
    """The coefficients that come with the package."""
    stored = (files("service.drafting.support") / FILE).read_text(encoding="utf-8")
    return Head.model_validate(json.loads(stored))
