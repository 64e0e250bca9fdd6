"""Cosines made comparable across languages and corpora, and searched through the index."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexUnavailable
from retrieval.indexer import index_key
from retrieval.ports import VectorIndex
from retrieval.types import Corpus, FloatMatrix, FloatVector

log = logging.getLogger(__name__)

_SHRINK = 5.0
"""A language with few clauses borrows from the whole corpus, as if it had this many more."""

_FLOOR = 0.01
"""Least spread of cosines: keeps corpora of one or two clauses finite."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Clauses of one language: their rows, mean vector and covariance."""

    rows: NDArray[np.intp]
    mean: FloatVector
    covariance: FloatMatrix

    def standardise(self, cosines: FloatVector, query: FloatVector) -> FloatVector:
        spread = np.sqrt(max(float(query @ self.covariance @ query), 0.0) + _FLOOR**2)
        return np.asarray((cosines - query @ self.mean) / spread, dtype=np.float32)


class DenseSearch:
    """Dense candidates of a corpus with standardised cosines.

    A multilingual model places texts of one language together, so raw cosines put every clause
    of the query's language before the right clause of another. A cosine is therefore measured
    against the mean and spread of its own language's clauses for that query, which follow
    exactly from the mean vector and covariance of those clauses (no scan of the corpus needed).
    """

    def __init__(self, corpus: Corpus, index: VectorIndex | None) -> None:
        self._vectors = corpus.vectors
        self._index = index
        self._rows = {
            index_key(clause.id, clause.content_hash): row
            for row, clause in enumerate(corpus.clauses)
        }
        self._groups = _groups(corpus)

    def candidates(self, query: FloatVector, k: int) -> list[int]:
        """Return the rows of about `k` nearest clauses of each language.

        They come from the index where there is one that answers and is complete, else from the
        corpus itself: degraded in speed, not in result.
        """
        rows = self._from_index(query, k) if self._index is not None else None
        return self._from_vectors(query, k) if rows is None else rows

    def scores(self, query: FloatVector, rows: list[int]) -> FloatVector:
        """Return the standardised cosines of some rows; the query need not be normalised."""
        cosines = np.asarray(self._vectors[rows] @ query, dtype=np.float32)
        standard = np.zeros(len(rows), dtype=np.float32)
        for group in self._groups:
            mask = np.isin(rows, group.rows)
            standard[mask] = group.standardise(cosines[mask], query)
        return standard

    def _from_vectors(self, query: FloatVector, k: int) -> list[int]:
        cosines = self._vectors @ query
        best = [group.rows[np.argsort(-cosines[group.rows])[:k]] for group in self._groups]
        return [int(row) for rows in best for row in rows]

    def _from_index(self, query: FloatVector, k: int) -> list[int] | None:
        assert self._index is not None  # noqa: S101 (narrowing, checked by the caller)
        try:
            answers = self._index.query_many(self._probes(query), k)
        except IndexUnavailable as error:
            log.warning("vector index away, searching the corpus itself: %s", type(error).__name__)
            return None
        found = {self._rows[hit.id] for hits in answers for hit in hits if hit.id in self._rows}
        return sorted(found) if len(found) >= min(k, len(self._rows)) else None

    def _probes(self, query: FloatVector) -> FloatMatrix:
        """The query, moved to where each language's texts are."""
        own = max(self._groups, key=lambda group: float(query @ group.mean))
        moved = np.stack([query - own.mean + group.mean for group in self._groups])
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _groups(corpus: Corpus) -> tuple[_Group, ...]:
    langs = np.array([clause.lang for clause in corpus.clauses])
    overall = corpus.vectors.mean(axis=0)
    rows = [np.flatnonzero(langs == lang) for lang in sorted(set(langs.tolist()))]
    centred = np.concatenate([_centred(corpus.vectors[found]) for found in rows])
    pooled = centred.T @ centred / len(centred)
    return tuple(_group(corpus.vectors, found, overall, pooled) for found in rows)


def _centred(vectors: FloatMatrix) -> FloatMatrix:
    return np.asarray(vectors - vectors.mean(axis=0), dtype=np.float32)


def _group(
    vectors: FloatMatrix,
    rows: NDArray[np.intp],
    overall: FloatVector,
    pooled: FloatMatrix,
) -> _Group:
    own, count = vectors[rows], len(rows)
    share = count / (count + _SHRINK)
    centred = _centred(own)
    covariance = share * (centred.T @ centred / count) + (1 - share) * pooled
    mean = share * own.mean(axis=0) + (1 - share) * overall
    return _Group(rows, np.asarray(mean, np.float32), np.asarray(covariance, np.float32))
