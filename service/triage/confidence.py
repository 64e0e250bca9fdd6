"""Makes the probability of the best class mean what it says.

One temperature for all classes fits the likelihood of whole rows. Over many classes it states best
guesses too surely at the top and not surely enough below. So the best guess of each row goes
through beta calibration (Kull, Silva Filho and Flach, 2017) fitted on held-out rows:
logit(q) = rise log p - fall log(1 - p) + shift.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix

_LEAST = 1e-6
_AHEAD = 1.0001
"""How far the best class stays before the next, so that it stays the best."""

_PLAIN = np.array([1.0, 1.0, 0.0])
"""Weights that leave p as it is."""

_PRIOR = 1.0
"""Pull towards them: few or only right examples say little of texts unlike them."""


class Confidence(NamedTuple):
    """Weights of the curve, neither of the first two below zero: it never falls where p rises."""

    rise: float = 1.0
    fall: float = 1.0
    shift: float = 0.0

    def apply(self, probabilities: FloatMatrix, categories: int) -> FloatMatrix:
        """The same shape, order of classes and sum of one; the best class gets its calibrated
        probability, but no less than the next, and the others share the rest as before. Rows whose
        best class is none of the first `categories` stay as they are."""
        rows = _guessing(probabilities, categories)
        changed = probabilities.astype(np.float64)
        changed[rows] = self._applied(changed[rows])
        return np.asarray(changed, dtype=np.float32)

    def _applied(self, given: NDArray[np.float64]) -> NDArray[np.float64]:
        rows, best = np.arange(len(given)), given.argmax(axis=1)
        said = given[rows, best]
        given[rows, best] = 0.0
        rest, second = given.sum(axis=1), given.max(axis=1, initial=0.0)
        least = _AHEAD * second / np.maximum(rest + second, _LEAST)
        sure = np.maximum(_sigmoid(_traits(said) @ np.array(self)), least)
        given *= ((1 - sure) / np.maximum(rest, _LEAST))[:, None]
        given[rows, best] = 1 - given.sum(axis=1)
        return given


def fit_confidence(
    probabilities: FloatMatrix, targets: NDArray[np.int64], categories: int
) -> Confidence:
    """The likeliest curve for held-out probabilities, shape (n, classes), of the rows whose best
    class is one of the first `categories`: a text taken for none of them is another question."""
    from scipy.optimize import minimize

    rows = _guessing(probabilities, categories)
    given = probabilities[rows]
    traits = _traits(given.max(axis=1).astype(np.float64))
    right = given.argmax(axis=1) == targets[rows]

    def unlikely(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds, moved = traits @ weights, weights - _PLAIN
        loss = np.logaddexp(0, odds).sum() - odds[right].sum() + _PRIOR / 2 * (moved @ moved)
        return float(loss), traits.T @ (_sigmoid(odds) - right) + _PRIOR * moved

    bounds = [(0.0, None), (0.0, None), (None, None)]
    found = minimize(unlikely, _PLAIN, jac=True, bounds=bounds, method="L-BFGS-B")
    return Confidence(*map(float, found.x))


def _guessing(probabilities: FloatMatrix, categories: int) -> NDArray[np.int64]:
    return np.flatnonzero(probabilities.argmax(axis=1) < categories)


def _traits(said: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(said, _LEAST, 1 - _LEAST)
    return np.stack([np.log(kept), -np.log1p(-kept), np.ones_like(kept)], axis=1)


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-odds)))
