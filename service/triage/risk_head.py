"""The severity head: a second opinion on danger told without its usual words. It only raises.

It is the kernel head of the categories, trained on texts that tell of danger, on harmless texts
with the same words, and on every second ordinary example of the taxonomy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from retrieval.types import FloatMatrix, FloatVector
from service.domain.taxonomy import LabelledExample
from service.domain.triage import Signal, SignalKind
from service.triage.category_head import CategoryHead
from service.triage.features import Features
from service.triage.own_examples import ORDINARY, Risk, load_risks

_GRAVE = {"safety_crisis", "privacy_legal", "violation_report", "abuse"}
"""Categories whose examples may tell of danger and so teach nothing about its absence."""

_LIKELIER_THAN_NOT, _SURE = 0.5, 0.7
"""Probability of danger from which it is told, and from which the gravest is: at one half, one in
forty ordinary messages was raised, nearly all to the gravest and wrongly, at 0.7 one in 120."""

_GRAVEST = 4


class RiskHead(NamedTuple):
    """A trained head; class 0 is harmless, class i > 0 is `risks[i - 1]`."""

    head: CategoryHead
    risks: tuple[Risk, ...]

    def probabilities(self, features: Features) -> FloatMatrix:
        """Calibrated probabilities, shape (n, 1 + risks)."""
        return self.head.probabilities(features)

    def finding(self, probabilities: FloatMatrix) -> tuple[Signal, Risk, float] | None:
        """What a text and its parts, one per row, tell of most plainly and how likely that is, or
        None where none of them surely tells of danger."""
        worst: FloatVector = probabilities[int(np.argmin(probabilities[:, 0]))]
        risk = self.risks[int(np.argmax(worst[1:]))]
        if 1 - worst[0] < (_SURE if risk.floor >= _GRAVEST else _LIKELIER_THAN_NOT):
            return None
        code = f"resembles_{risk.code}"
        signal = Signal(kind=SignalKind.SEVERITY, code=code, floor=risk.floor)
        return signal, risk, float(1 - worst[0])


def dangers() -> tuple[Risk, ...]:
    """The kinds of danger, in the order of the head's classes."""
    return tuple(risk for risk in load_risks() if risk.code != ORDINARY)


def risk_examples(examples: Sequence[LabelledExample]) -> list[tuple[str, int]]:
    """Texts with the class each belongs to."""
    ordinary = [e.text for e in examples if e.category not in _GRAVE][::2]
    twins = [text for risk in load_risks() if risk.code == ORDINARY for text in risk.texts]
    pairs = [(text, number) for number, risk in enumerate(dangers(), 1) for text in risk.texts]
    return [*((text, 0) for text in (*twins, *ordinary)), *pairs]
