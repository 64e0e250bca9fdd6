"""BM25 over the shared segmenter, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.segment import search_terms
from retrieval.types import FloatVector, Hit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

K1 = 1.2
B = 0.75


class Bm25Index:
    """Okapi BM25 (Robertson and Zaragoza, 2009) with the always positive idf of Lucene.

    Term weights are computed once into a sparse matrix (terms by texts), so that a query is a
    sum of a few rows. The index is immutable: a changed corpus gets a new one.
    """

    def __init__(self, ids: Sequence[str], texts: Sequence[str]) -> None:
        self._ids = tuple(ids)
        counts = [Counter(search_terms(text)) for text in texts]
        terms = sorted({term for count in counts for term in count})
        self._rows = {term: row for row, term in enumerate(terms)}
        self._weights = self._weigh(counts)

    def query(self, text: str, k: int) -> tuple[Hit, ...]:
        """Return at most `k` texts that share a term with the query, best first."""
        scores = self.scores(text)
        order = np.argsort(-scores, kind="stable")[:k]
        return tuple(Hit(self._ids[i], float(scores[i])) for i in order if scores[i] > 0)

    def scores(self, text: str) -> FloatVector:
        """Return the score of every text, in the order given."""
        rows = self._known(text)
        if not rows:
            return np.zeros(len(self._ids), dtype=np.float32)
        return np.asarray(self._weights[rows].sum(axis=0), dtype=np.float32).ravel()

    def ceiling(self, text: str) -> float:
        """Return the score of an imagined text that holds every term of the query many times.

        Terms the corpus has never seen count as much as the rarest it has.
        """
        terms = set(search_terms(text))
        known = [self._rows[term] for term in terms if term in self._rows]
        rarest = float(self._idf.max(initial=0.0))
        return (float(self._idf[known].sum()) + rarest * (len(terms) - len(known))) * (K1 + 1)

    def _known(self, text: str) -> list[int]:
        return [self._rows[term] for term in set(search_terms(text)) if term in self._rows]

    def _weigh(self, counts: Sequence[Counter[str]]) -> csr_matrix:
        from scipy.sparse import csr_matrix

        rows = np.array([self._rows[term] for count in counts for term in count], dtype=np.int64)
        columns = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
        tf = np.array([n for count in counts for n in count.values()], dtype=np.float64)
        lengths = np.array([count.total() for count in counts], dtype=np.float64)
        norm = K1 * (1 - B + B * lengths / max(lengths.mean() if len(counts) else 0.0, 1.0))
        frequency = np.bincount(rows, minlength=len(self._rows))
        self._idf = np.log1p((len(counts) - frequency + 0.5) / (frequency + 0.5))
        values = self._idf[rows] * tf * (K1 + 1) / (tf + norm[columns])
        shape = (len(self._rows), len(counts))
        return csr_matrix((values.astype(np.float32), (rows, columns)), shape=shape)
