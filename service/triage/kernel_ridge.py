"""Ridge classification with a kernel on vectors and words, and its held-out scores for free.

k(a, b) = 6 exp(2 (a.b - 1)) + s (g(a).g(b) + w(a).w(b)) + 1, with language-centred unit vectors a
and weighted n-grams g and words w of unit length. Ridge regression on one-of-c targets has its
leave-one-out predictions in closed form (Rifkin and Lippert, 2007), so the whole training set
chooses the share s of the words and the penalty, and calibrates the head, at the price of one
inversion a choice. Fine intents of one domain differ little in words (s small), insults much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.calibration import Indices, log_loss

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CONSTANT = 1.0
_SHARPNESS, _DENSE = 2.0, 6.0
_SHARES = (0.2, 0.7, 2.0)
_PENALTY, _OTHER_PENALTIES = 0.3, (1.0, 3.0)


class Solution(NamedTuple):
    """Dual weights and leave-one-out scores, shape (n, classes) each, with the share of words."""

    dual: FloatMatrix
    held_out: FloatMatrix
    share: float


def solve(anchors: FloatMatrix, lexical: csr_matrix, targets: Indices, classes: int) -> Solution:
    """Fit with the penalty and the share of words whose held-out scores are the likeliest.

    Args:
        anchors: centred unit vectors, shape (n, dim).
        lexical: weighted n-grams and words, shape (n, features).
        targets: class number of each example, shape (n,).
    """
    meaning, words = dense(cosines(anchors, anchors)) + CONSTANT, (lexical @ lexical.T).toarray()
    wanted = _codes(targets, classes)

    def solved(share: float, penalty: float) -> Solution:
        return _solved(meaning + share * words, wanted, share, penalty)

    def unlikely(one: Solution) -> float:
        return log_loss(one.held_out, targets)[0]

    best = min((solved(share, _PENALTY) for share in _SHARES), key=unlikely)
    others = (solved(best.share, penalty) for penalty in _OTHER_PENALTIES)
    return min((best, *others), key=unlikely)


def cosines(left: FloatMatrix, right: FloatMatrix) -> NDArray[np.float64]:
    """Of unit vectors, shape (left, right).

    In double precision: large weights of both signs cancel, and a text must not come out otherwise
    alone than in a batch.
    """
    return np.asarray(left.astype(np.float64) @ right.astype(np.float64).T)


def dense(near: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel on vectors of these cosines, same shape."""
    return np.asarray(_DENSE * np.exp(_SHARPNESS * (near - 1)))


def _solved(
    kernel: NDArray[np.float64], wanted: NDArray[np.float64], share: float, penalty: float
) -> Solution:
    inverse = np.linalg.inv(kernel + penalty * np.eye(len(kernel)))
    dual = inverse @ wanted
    held_out = wanted - dual / np.diag(inverse)[:, None]
    return Solution(np.asarray(dual, np.float32), np.asarray(held_out, np.float32), share)


def _codes(targets: Indices, classes: int) -> NDArray[np.float64]:
    """1 for the class, and as much below zero for all others together."""
    codes = np.full((len(targets), classes), -1.0 / (classes - 1))
    codes[np.arange(len(targets)), targets] = 1.0
    return codes
