"""From probabilities and findings to labels, or to an abstention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from retrieval.types import FloatVector
from service.domain.triage import Label, SignalKind
from service.triage.signals import Scan

SPAM = "spam_ad"
FORCED = 0.95
"""Confidence stated for a category a finding demands; nominal, findings are not calibrated."""

_CANDIDATES = 3
_LURES = {"contact_lure", "offer"}


class Policy(NamedTuple):
    """When labels are given: the first from `first` on; a second from `second` on, where both
    together reach `first`."""

    first: float
    second: float


class Labelling(NamedTuple):
    """Labels (empty: abstained) and the best guesses, both best first."""

    labels: tuple[Label, ...]
    candidates: tuple[Label, ...]


def decide(ids: Sequence[str], probabilities: FloatVector, scan: Scan, policy: Policy) -> Labelling:
    """Labels for one text.

    A finding may demand a category; it then leads. An advertisement the head leans to but is not
    sure of is settled by marks of luring.
    """
    order = np.argsort(-probabilities)[: max(_CANDIDATES, 2)]
    guesses = tuple(_label(ids[index], float(probabilities[index])) for index in order)
    demanded = _demanded(ids, guesses, scan, policy)
    labels = _by_confidence(guesses, policy)
    if demanded:
        others = tuple(label for label in labels if label.category != demanded)
        labels = (_label(demanded, FORCED), *others[:1])
    return Labelling(labels, guesses)


def _demanded(
    ids: Sequence[str], guesses: Sequence[Label], scan: Scan, policy: Policy
) -> str | None:
    if scan.forced in ids:
        return scan.forced
    lured = any(s.kind is SignalKind.SPAM and s.code in _LURES for s in scan.signals)
    unsure = guesses[0].confidence < policy.first
    return SPAM if lured and unsure and guesses[0].category == SPAM else None


def _by_confidence(guesses: Sequence[Label], policy: Policy) -> tuple[Label, ...]:
    first, second = guesses[0], guesses[1]
    both = second.confidence >= policy.second
    if both and first.confidence + second.confidence >= policy.first:
        return (first, second)
    return (first,) if first.confidence >= policy.first else ()


def _label(category: str, confidence: float) -> Label:
    return Label(category=category, confidence=min(max(round(confidence, 4), 0.0), 1.0))
