"""Query to passages by hybrid search, or "no rule found" under a calibrated threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.background import Background
from retrieval.concepts import ConceptIndex
from retrieval.confidence import Calibration, Features, shipped
from retrieval.config import RetrieverConfig
from retrieval.dense import DenseSearch
from retrieval.indexes.lexical import Bm25Index
from retrieval.language import detect
from retrieval.ports import Embedder, VectorIndex
from retrieval.types import Corpus, FloatVector, Passage, Retrieval, Role

DENSE_SHARE = 0.75
"""Weight of the dense side in the convex combination of the two."""

CONCEPT_WEIGHT = 2.0
"""Weight of the share of the query's concepts a clause holds, beside the two."""

HUB_SHARE = 0.6
"""How much of a clause's nearness to usual messages is taken off before ranking."""

SUBJECT_SHARE = 0.2
"""How much of what all clauses of the corpus are about is taken off before ranking."""

_LEXICAL_RANGE = 3.0
"""Lexical score of the best match, in the units of the dense side: three standard deviations."""

_RUNNER_UP = 4
"""Place of the passage the first is compared with."""

_FAIR_SHARE = 0.1
"""A best match under this share of what the query could reach is not stretched to full range."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """Candidates, best first (one entry per candidate), and what the confidence rests on."""

    rows: NDArray[np.int64]
    fused: FloatVector
    cosines: FloatVector
    lexical: FloatVector
    features: Features


class Retriever:
    """Searches one corpus; built anew when the corpus changes. Safe to use from many threads."""

    def __init__(
        self,
        corpus: Corpus,
        embedder: Embedder,
        index: VectorIndex | None,
        config: RetrieverConfig,
        *,
        calibration: Calibration | None = None,
    ) -> None:
        """Prepare the search.

        `index` holds the corpus under `indexer.index_key`; None searches the corpus's own
        vectors, which gives the same passages. Embeds some usual messages, against which the
        confidence is measured.

        Raises:
            EmbedderUnavailable: the embedder cannot answer now.
        """
        self._corpus, self._embedder, self._config = corpus, embedder, config
        self._calibration = calibration
        if not corpus.clauses:
            return
        texts = [clause.embedding_text for clause in corpus.clauses]
        self._lexical = Bm25Index([clause.id for clause in corpus.clauses], texts)
        self._concepts = ConceptIndex(texts)
        self._dense = DenseSearch(corpus, index)
        self._langs = np.array([clause.lang for clause in corpus.clauses])
        self._background = Background(embedder)
        self._subject = self._background.subject(corpus)

    def retrieve(self, query: str, *, query_vector: FloatVector | None = None) -> Retrieval:
        """Return the best passages; `found` tells whether the best may be relied on.

        Raises:
            EmbedderUnavailable: no vector was given and the embedder cannot answer.
        """
        if not self._corpus.clauses or not query.strip():
            return Retrieval(query, (), found=False, confidence=0.0)
        scored = self._search(query, self._vector(query, query_vector))
        confidence = (self._calibration or shipped()).probability(scored.features)
        count = min(self._config.top_k, len(scored.rows))
        passages = tuple(self._passage(scored, place) for place in range(count))
        return Retrieval(query, passages, confidence >= self._config.min_confidence, confidence)

    def features(self, query: str, *, query_vector: FloatVector | None = None) -> Features:
        """What the confidence of a query would rest on (for calibration).

        Raises:
            ValueError: the corpus is empty.
        """
        if not self._corpus.clauses:
            raise ValueError("an empty corpus has no features")
        return self._search(query, self._vector(query, query_vector)).features

    def _vector(self, query: str, given: FloatVector | None) -> FloatVector:
        if given is not None:
            return np.asarray(given, dtype=np.float32)
        return np.asarray(self._embedder.embed([query], role=Role.QUESTION)[0], dtype=np.float32)

    def _search(self, query: str, vector: FloatVector) -> _Scored:
        lang, lexical, shared = (
            detect(query),
            self._lexical.scores(query),
            self._concepts.shares(query),
        )
        plain = self._background.without(vector, lang, HUB_SHARE) - SUBJECT_SHARE * self._subject
        rows = self._candidates(plain, lexical, shared)
        dense = self._dense.scores(plain, rows)
        ceiling = max(self._lexical.ceiling(query), 1e-6)
        words = self._words(lexical, rows, ceiling)
        # that a clause in another language shares no word with the query says nothing
        words = np.where(self._langs[rows] == lang, words, np.maximum(dense, words))
        fused = DENSE_SHARE * dense + (1 - DENSE_SHARE) * words + CONCEPT_WEIGHT * shared[rows]
        order = np.argsort(-fused, kind="stable")
        found, scores = np.array(rows, dtype=np.int64)[order], fused[order]
        best = int(found[0])
        lead = self._corpus.vectors[best] @ self._background.without(vector, lang)
        features = Features(
            lead=float(lead),
            words=float(lexical[best]) / ceiling,
            concepts=float(shared[best]),
            margin=float(scores[0] - scores[_RUNNER_UP]) if len(scores) > _RUNNER_UP else 0.0,
            usual=self._background.nearness(vector, lang),
        )
        cosines = np.asarray(self._corpus.vectors[found] @ vector, dtype=np.float32)
        return _Scored(found, scores, cosines, lexical[found], features)

    def _words(self, lexical: FloatVector, rows: list[int], ceiling: float) -> FloatVector:
        best = max(float(lexical.max()), _FAIR_SHARE * ceiling)
        return np.asarray(lexical[rows] / best * _LEXICAL_RANGE, dtype=np.float32)

    def _candidates(
        self, vector: FloatVector, lexical: FloatVector, shared: FloatVector
    ) -> list[int]:
        k = self._config.candidates
        matching = (
            int(row)
            for scores in (lexical, shared)
            for row in np.argsort(-scores, kind="stable")[:k]
            if scores[row] > 0
        )
        return sorted({*self._dense.candidates(vector, k), *matching})

    def _passage(self, scored: _Scored, place: int) -> Passage:
        lexical = float(scored.lexical[place])
        return Passage(
            clause=self._corpus.clauses[int(scored.rows[place])],
            score=float(scored.fused[place]),
            dense_score=float(scored.cosines[place]),
            lexical_score=lexical if lexical > 0 else None,
        )
