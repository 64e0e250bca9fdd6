"""The space themes are found in: what a text means beside how it is spelt.

Meaning is the language-centred embedding on its leading principal axes, each divided by the fourth
root of its variance: a mild whitening (Su et al., 2021), since full whitening lifts noise. Spelling
is latent semantic analysis (Deerwester et al., 1990) of hashed n-grams. Both axes are fitted on a
sample, so the cost of fitting does not grow with the texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.ngrams import char_ngrams

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_MEANING_AXES, _SPELLING_AXES = 96, 64
_WHITENING = 0.25
"""Half the exponent of the variance that each axis is divided by: 0 leaves it, 1 whitens fully."""

_SPELLING_SHARE = 0.2
_BUCKETS = 1 << 14
_SAMPLE, _SPELLING_SAMPLE = 5_000, 2_000
_SPARE, _POWERS, _SEED = 10, 2, 0
_LONGEST = 300
"""Characters of a text whose spelling counts."""


class Space(NamedTuple):
    """Unit rows: meaning alone, shape (n, <=96), and fused with spelling, shape (n, <=160)."""

    meaning: FloatMatrix
    fused: FloatMatrix


def theme_space(texts: Sequence[str], centred: FloatMatrix) -> Space:
    """Place texts; `centred` are their language-centred unit vectors, shape (n, dim)."""
    meaning = _meaning(centred)
    spelling = _spelling(texts)
    parts = (meaning * np.sqrt(1 - _SPELLING_SHARE), spelling * np.sqrt(_SPELLING_SHARE))
    return Space(meaning, np.ascontiguousarray(np.hstack(parts), dtype=np.float32))


def unit(rows: FloatMatrix) -> FloatMatrix:
    """Rows of length one; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


def _meaning(centred: FloatMatrix) -> FloatMatrix:
    sample = centred[_sample(len(centred), _SAMPLE)]
    variances, axes = np.linalg.eigh((sample.T @ sample / len(sample)).astype(np.float64))
    leading = np.argsort(-variances)[:_MEANING_AXES]
    leading = leading[variances[leading] > 1e-9]
    scale = variances[leading] ** (-_WHITENING / 2)
    return unit(centred @ (axes[:, leading] * scale).astype(np.float32))


def _spelling(texts: Sequence[str]) -> FloatMatrix:
    from scipy.sparse import diags

    grams = _weighed(char_ngrams([text[:_LONGEST].casefold() for text in texts], _BUCKETS))
    sample = grams[_sample(len(texts), _SPELLING_SAMPLE)]
    lengths = np.sqrt(np.asarray(sample.multiply(sample).sum(axis=1)).ravel())
    axes = _axes((diags(1 / np.maximum(lengths, 1e-9)) @ sample).tocsr().astype(np.float32))
    return unit(np.asarray(grams @ axes.T))


def _axes(sample: csr_matrix) -> FloatMatrix:
    """Leading right singular vectors of a sample, by a random sketch (Halko et al., 2011); only
    the short side is ever made orthogonal, which is what makes it fast."""
    count = min(_SPELLING_AXES + _SPARE, *sample.shape)
    draw = np.random.default_rng(_SEED)
    sketch = sample @ draw.standard_normal((sample.shape[1], count), dtype=np.float32)
    for _ in range(_POWERS):
        sketch = sample @ (sample.T @ np.linalg.qr(sketch)[0])
    short = (sample.T @ np.linalg.qr(sketch)[0]).T
    values, vectors = np.linalg.eigh(short @ short.T)
    leading = np.argsort(-values)[:_SPELLING_AXES]
    return unit(vectors[:, leading].T @ short)


def _weighed(grams: csr_matrix) -> csr_matrix:
    """Inverse document frequency; n-grams of a single text link nothing and are dropped."""
    used = np.bincount(grams.indices, minlength=grams.shape[1])
    weights = np.log((1 + grams.shape[0]) / (1 + used)).astype(np.float32)
    weights[used < 2] = 0.0
    grams.data *= weights[grams.indices]
    return grams


def _sample(count: int, wanted: int) -> NDArray[np.int64]:
    """Rows spread evenly over all; every row where there are few."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))
