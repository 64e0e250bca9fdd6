"""Marks texts that give orders to a model, with the sentence that does so most plainly, and tells
which may give some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatVector, Role
from service.domain.triage import Signal, SignalKind
from service.triage.clauses import Window, windows, without_tags
from service.triage.features import Features, featurise
from service.triage.folding import fold
from service.triage.linear_head import LinearHead
from service.triage.order_head import OrderHead, joined, left_open

CODE = "resembles_injection"
_LIKELY, _LIKELY_BY_LINEAR = 0.5, 0.9
"""Probabilities marked from: of this head, and of the linear head of whole texts beside it, which
knows more jailbreaks in Chinese and is all there is for vectors of another embedder."""

_DOUBTFUL = 0.2
"""Probability of the whole from which a text may hold an order, marked or not. Of 1,260 dangers
with an order nobody foresaw added, 124 were judged less grave than without it; looked at in parts
from here on 37 are, from 0.05 on 16. That raises 1 of 2,400 ordinary messages wrongly and 7 of 600
private ones, from 0.05 on 1 and 13."""


class Look(NamedTuple):
    """The mark of a text, none where it orders nobody about, and whether it may do so all the same;
    offsets refer to the text."""

    signals: tuple[Signal, ...]
    doubtful: bool


class OrderFinder:
    """Looks at texts as a whole, and at the sentences of those this leaves open. Ordinary talk is
    closed by the whole, so its sentences cost nothing. Safe to share between threads."""

    def __init__(self, head: OrderHead, linear: LinearHead, embedder: Embedder) -> None:
        self._head, self._linear, self._embedder = head, linear, embedder
        self._fingerprint = embedder.info.fingerprint

    def look(self, texts: Sequence[str], whole: Features) -> list[Look]:
        """What each text holds; `whole` are the features of the texts, in their order.

        Raises:
            EmbedderUnavailable: no vectors now.
        """
        likely = self._linear.probabilities(whole, self._fingerprint)[:, 1]
        by_linear = [_mark(None) if sure >= _LIKELY_BY_LINEAR else () for sure in likely]
        if self._fingerprint != self._head.fingerprint:
            return [Look(mark, bool(mark)) for mark in by_linear]
        odds, own = self._head.whole_odds(whole), self._head.sentence_odds(whole)
        strongest = {row: _Strongest(float(odd)) for row, odd in enumerate(own)}
        strongest |= self._sentences([(row, texts[row]) for row in _rows(odds)])
        return [_look(float(odds[row]), found, by_linear[row]) for row, found in strongest.items()]

    def _sentences(self, texts: Sequence[tuple[int, str]]) -> dict[int, _Strongest]:
        """The likeliest order among the sentences of each text that has several."""
        found = [(row, window) for row, text in texts for window in _several(text)]
        if not found:
            return {}
        odds = self._head.sentence_odds(self._features([window.text for _, window in found]))
        strongest: dict[int, _Strongest] = {}
        for (row, window), odd in zip(found, odds, strict=True):
            if row not in strongest or odd > strongest[row].odds:
                strongest[row] = _Strongest(float(odd), window)
        return strongest

    def _features(self, sentences: Sequence[str]) -> Features:
        plain = [without_tags(sentence) for sentence in sentences]
        vectors = self._embedder.embed(plain, role=Role.QUERY)
        return featurise(vectors, [fold(text).text for text in plain], [detect(t) for t in plain])


class _Strongest(NamedTuple):
    """Log-odds of the likeliest order, and where it stands when a text has several sentences."""

    odds: float
    window: Window | None = None


def _look(whole: float, strongest: _Strongest, by_linear: tuple[Signal, ...]) -> Look:
    likely = joined(whole, strongest.odds) >= _LIKELY
    mark = _mark(strongest.window) if likely else by_linear
    return Look(mark, bool(mark) or whole > math.log(_DOUBTFUL / (1 - _DOUBTFUL)))


def _rows(odds: FloatVector) -> list[int]:
    return [int(row) for row in np.flatnonzero([left_open(float(odd)) for odd in odds])]


def _several(text: str) -> tuple[Window, ...]:
    found = windows(text)
    return found if len(found) > 1 else ()


def _mark(window: Window | None) -> tuple[Signal, ...]:
    start, end = (window.start, window.end) if window else (None, None)
    return (Signal(kind=SignalKind.INJECTION, code=CODE, start=start, end=end),)
