"""What the heads see of a text: a language-centred vector, hashed character n-grams and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector, Role
from service.triage.folding import fold
from service.triage.ngrams import char_ngrams, word_ngrams

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BUCKETS = 1 << 15
"""Hash buckets of the n-grams, of characters and of words each."""

LANGUAGES = ("zh", "en")


class Features(NamedTuple):
    """A batch of texts: raw vectors (n, dim), n-grams of characters and of words (n, BUCKETS) each,
    and each one's language."""

    vectors: FloatMatrix
    grams: csr_matrix
    words: csr_matrix
    langs: Sequence[str]

    def take(self, rows: NDArray[np.int64]) -> Features:
        """The texts of these rows, in their order."""
        langs = [self.langs[row] for row in rows]
        return Features(self.vectors[rows], self.grams[rows], self.words[rows], langs)


class Centre(NamedTuple):
    """Mean vectors, shape (3, dim): Chinese, English, and their average for all other languages.

    Multilingual models place a language's texts in one corner; without its mean, texts of the same
    meaning meet across languages.
    """

    means: FloatMatrix

    def apply(self, vectors: FloatMatrix, langs: Sequence[str]) -> FloatMatrix:
        """Centred vectors of unit length."""
        moved = vectors - self.means[_rows(langs)]
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)


def fit_centre(vectors: FloatMatrix, langs: Sequence[str]) -> Centre:
    """The means of each language; a language without texts takes the overall mean."""
    rows = _rows(langs)
    overall = vectors.mean(axis=0)
    means = [_mean(vectors[rows == row], overall) for row in range(len(LANGUAGES))]
    return Centre(np.asarray([*means, np.mean(means, axis=0)], dtype=np.float32))


def blend(own: Centre, weights: Sequence[int], prior: Centre, strength: float) -> Centre:
    """A centre of few texts drawn to a prior: each mean counts as many texts as made it, the prior
    as `strength`. Without it a handful of texts on one topic would be centred to nothing."""
    counts = np.array([*weights, sum(weights) / 2], dtype=np.float32)[:, None]
    means = (counts * own.means + strength * prior.means) / (counts + strength)
    return Centre(np.asarray(means, dtype=np.float32))


def featurise(vectors: FloatMatrix, folded: Sequence[str], langs: Sequence[str]) -> Features:
    """Features of a batch; `folded` are the texts in search form."""
    grams, words = char_ngrams(folded, BUCKETS), word_ngrams(folded, BUCKETS)
    return Features(vectors, grams, words, langs)


def embed_features(embedder: Embedder, texts: Sequence[str]) -> Features:
    """Features of texts to train on, made the way the engine makes them.

    Raises:
        EmbedderUnavailable: no vectors now.
    """
    vectors = embedder.embed(texts, role=Role.QUERY)
    return featurise(vectors, [fold(text).text for text in texts], [detect(t) for t in texts])


def _mean(vectors: FloatMatrix, otherwise: FloatVector) -> FloatVector:
    return np.asarray(vectors.mean(axis=0) if len(vectors) else otherwise, dtype=np.float32)


def _rows(langs: Sequence[str]) -> NDArray[np.int64]:
    known = {lang: row for row, lang in enumerate(LANGUAGES)}
    return np.array([known.get(lang, len(LANGUAGES)) for lang in langs], dtype=np.int64)


def softmax(logits: FloatMatrix) -> FloatMatrix:
    """Row-wise softmax."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)
