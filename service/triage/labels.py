"""From probabilities and findings to labels, or to an abstention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from retrieval.types import FloatMatrix, FloatVector
from service.domain.triage import Label, SignalKind
from service.triage.signals import Scan

SPAM = "spam_ad"
_CANDIDATES = 3
_ASKS_NOTHING = "chat"
_MOST_LABELS = 2
_LURES = {"contact_lure", "offer"}


class Policy(NamedTuple):
    """When labels are given: that of the whole text from `first` on; another one from `second`
    on, where a part of the text asks for it."""

    first: float
    second: float


class Labelling(NamedTuple):
    """Labels (empty: abstained) and the best guesses, both best first."""

    labels: tuple[Label, ...]
    candidates: tuple[Label, ...]


def decide(
    ids: Sequence[str],
    probabilities: FloatVector,
    parts: FloatMatrix,
    scan: Scan,
    policy: Policy,
) -> Labelling:
    """Labels for one text.

    A finding may demand a category; it then leads. An advertisement the head leans to but is not
    sure of is settled by marks of luring.

    Args:
        probabilities: of the whole text, shape (classes,); classes beyond the ids stand for none.
        parts: of its parts, shape (parts, classes); no rows where it has but one.
    """
    unclear = int(probabilities.argmax()) >= len(ids)
    order = np.argsort(-probabilities[: len(ids)])[:_CANDIDATES]
    guesses = tuple(_label(ids[index], float(probabilities[index])) for index in order)
    demanded = _demanded(ids, guesses, scan, policy)
    whole = [guesses[0]] if not unclear and guesses[0].sure >= policy.first else []
    labels = _with_parts(whole, _of_parts(ids, parts), policy)
    if demanded:
        others = tuple(label for label in labels if label.category != demanded)
        labels = (_label(demanded, scan.sure), *others[:1])
    return Labelling(labels, guesses)


def _demanded(
    ids: Sequence[str], guesses: Sequence[Label], scan: Scan, policy: Policy
) -> str | None:
    if scan.forced in ids:
        return scan.forced
    lured = any(s.kind is SignalKind.SPAM and s.code in _LURES for s in scan.signals)
    unsure = guesses[0].sure < policy.first
    return SPAM if lured and unsure and guesses[0].category == SPAM else None


def _of_parts(ids: Sequence[str], parts: FloatMatrix) -> list[Label]:
    """What each part is about, the surest first."""
    known = [row for row in parts if int(row.argmax()) < len(ids)]
    found = [_label(ids[int(row.argmax())], float(row.max())) for row in known]
    asking = [label for label in found if label.category != _ASKS_NOTHING]
    return sorted(asking, key=lambda label: -label.sure)


def _with_parts(
    whole: Sequence[Label], parts: Sequence[Label], policy: Policy
) -> tuple[Label, ...]:
    first: dict[str, Label] = {}
    for label in (*whole, *(part for part in parts if part.sure >= policy.second)):
        first.setdefault(label.category, label)
    return tuple(first.values())[:_MOST_LABELS]


def _label(category: str, confidence: float) -> Label:
    return Label(category=category, confidence=min(max(round(confidence, 4), 0.0), 1.0))
