"""Tells texts that belong to none of the classes from those that are merely hard.

A logistic regression on what the kernel head says of a text: its score for "none", the best score
and its lead, how much all scores say together (energy; Liu et al., 2020), and the cosines of the
nearest examples. It learns from scores of examples the head did not see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix, FloatVector

NEEDED = 20
"""Examples of "none" below which nothing can be learnt."""

_ENERGY = 20.0
_NEAREST = (1, 5, 20)
_LOST = 0.005
"""Share of held-out texts with a class that may be taken for none, where a plain class for none
takes fewer."""

COLUMNS = 4 + len(_NEAREST)


@dataclass(frozen=True)
class Scope:
    """Weights over standardised traits, shape (COLUMNS,), and the bias that spares the classes."""

    mean: FloatVector
    scale: FloatVector
    weights: FloatVector
    bias: float

    def none(self, traits: FloatMatrix) -> FloatVector:
        """How likely each text belongs to no class, shape (n,)."""
        odds = (traits - self.mean) / self.scale @ self.weights + self.bias
        return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float32)


def traits(
    logits: NDArray[np.floating], cosines: NDArray[np.float64], categories: int
) -> FloatMatrix:
    """What is known of each text, shape (n, COLUMNS).

    Args:
        logits: shape (n, classes); column `categories` is the score for none.
        cosines: to the examples, shape (n, examples); a text's own example must be masked.
    """
    known = np.sort(logits[:, :categories], axis=1)[:, ::-1]
    energy = np.log(np.exp(_ENERGY * (known - known[:, :1])).sum(axis=1)) / _ENERGY + known[:, 0]
    deepest = min(max(_NEAREST), cosines.shape[1])
    near = -np.sort(np.partition(-cosines, deepest - 1, axis=1)[:, :deepest], axis=1)
    columns = [logits[:, categories], known[:, 0], known[:, 0] - known[:, 1], energy]
    columns += [near[:, :count].mean(axis=1) for count in _NEAREST]
    return np.stack(columns, axis=1)


def fit_scope(held_out: FloatMatrix, best: FloatVector, belongs: NDArray[np.bool_]) -> Scope | None:
    """Learn from held-out traits, or None where there are too few texts of either kind.

    A text is taken for none where that is likelier than its best class. The bias is that of the
    regression, or less: this must take no more texts that have a class than a plain class for none
    would take.

    Args:
        best: probability of the best class of each text, shape (n,).
        belongs: whether a text has a class, shape (n,).
    """
    from sklearn.linear_model import LogisticRegression

    if min(int(belongs.sum()), int((~belongs).sum())) < NEEDED:
        return None
    mean, scale = held_out.mean(axis=0), np.maximum(held_out.std(axis=0), 1e-6)
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    model.fit((held_out - mean) / scale, ~belongs)
    odds = (held_out - mean) / scale @ model.coef_[0]
    spare = np.log(np.maximum(best, 1e-6)) - odds
    lost = max(_LOST, float((held_out[belongs, 0] > held_out[belongs, 1]).mean()))
    bias = min(float(model.intercept_[0]), float(np.quantile(spare[belongs], lost)))
    return Scope(mean, scale, model.coef_[0], bias)
