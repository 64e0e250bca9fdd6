"""Weighs hashed n-grams: what many texts of a training set share tells little of one of them.

The weight of a bucket is its smoothed inverse document frequency, log((1 + n) / (1 + df)) + 1
(Spärck Jones, 1972); rows are brought back to unit length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retrieval.types import FloatMatrix, FloatVector
from service.triage.features import Features

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Weighing(NamedTuple):
    """Weights of the buckets of character n-grams and of words, shape (buckets,) each."""

    grams: FloatVector
    words: FloatVector

    def apply(self, features: Features) -> csr_matrix:
        """Weighted n-grams beside weighted words, each of unit length, shape (n, 2 buckets)."""
        from scipy.sparse import hstack

        parts = [_weighted(features.grams, self.grams), _weighted(features.words, self.words)]
        return hstack(parts, format="csr")


def fit_weighing(features: Features) -> Weighing:
    """Weights by how many of the texts hold each bucket."""
    return Weighing(_inverse_frequency(features.grams), _inverse_frequency(features.words))


def _inverse_frequency(counts: csr_matrix) -> FloatVector:
    texts = counts.shape[0]
    holding = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + texts) / (1 + holding)) + 1, dtype=np.float32)


def _weighted(counts: csr_matrix, weights: FloatMatrix) -> csr_matrix:
    weighted = counts.copy()
    weighted.data = weighted.data * weights[weighted.indices]
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    per_entry = np.repeat(np.maximum(lengths, 1e-9), np.diff(weighted.indptr))
    weighted.data = np.asarray(weighted.data / per_entry, dtype=np.float32)
    return weighted
