"""Is a sentence a claim about rules or facts, or courtesy, a question, an opinion, a next step."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict

from retrieval.segment import HAN
from retrieval.types import FloatVector
from service.drafting.support.phrases import families, plain
from service.drafting.support.quantities import BARE, Quantity

FILE = "claims.toml"
HEAD = "courtesy.json"

_CONTENT = re.compile(rf"[{HAN}]{{2}}|[A-Za-z]{{2,}}")


class Speech(StrEnum):
    """What a sentence does; `open` where its words do not tell."""

    CLAIM = "claim"
    COURTESY = "courtesy"
    OPEN = "open"


def speech_of(sentence: str, counted: tuple[Quantity, ...]) -> Speech:
    """Words of rules and measured numbers make a claim, whatever stands around them; else words of
    courtesy or a question mark make none.

    Args:
        counted: its quantities.
    """
    patterns, text = families(FILE), plain(sentence)
    if not _CONTENT.search(sentence) or is_question(sentence):
        return Speech.COURTESY
    if patterns["claim"].search(text) or any(one.dimension != BARE for one in counted):
        return Speech.CLAIM
    return Speech.COURTESY if patterns["courtesy"].search(text) else Speech.OPEN


def is_question(sentence: str) -> bool:
    """Whether it ends as questions do."""
    return families(FILE)["question"].search(plain(sentence)[-3:]) is not None


def of_ourselves(sentence: str) -> bool:
    """Whether a sentence says what the desk does, did or thinks, beyond what is civil to say."""
    patterns = families(FILE)
    return bool(patterns["self"].search(patterns["civil"].sub(" ", plain(sentence))))


class CourtesyHead(BaseModel):
    """A logistic model over a sentence's vector (`meaning`), fitted on the embedder it names; from
    `least` on the sentence claims nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedder: str
    intercept: float
    weights: tuple[float, ...]
    least: float

    def is_courtesy(self, vector: FloatVector) -> bool:
        """Whether a sentence without telling words is courtesy."""
        total = self.intercept + float(self._weights @ vector)
        return bool(1 / (1 + np.exp(-np.clip(total, -30, 30))) >= self.least)

    @cached_property
    def _weights(self) -> FloatVector:
        return np.array(self.weights, dtype=np.float32)


@cache
def shipped_courtesy() -> CourtesyHead:
    """The coefficients that come with the package; fitted by `python -m evals.support_fit`."""
    stored = (files("service.drafting.support") / HEAD).read_text(encoding="utf-8")
    return CourtesyHead.model_validate(json.loads(stored))
