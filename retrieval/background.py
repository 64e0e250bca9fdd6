"""What every query has in common with every other, to be taken off before clauses are compared."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import Corpus, FloatVector, Role

USUAL = "usual.txt"

_FEW = 10.0
"""A corpus of few clauses says little about its subject, as if it had this many more of none."""


class Background:
    """The mean vector of usual messages in each language: small talk and questions without a topic.

    Cosines of a multilingual model are high for any two texts, and some clauses are near every
    text (hubs). The part of a query that all messages share says nothing about its answer;
    taking its mean away is the same as subtracting from every clause its usual nearness.
    """

    def __init__(self, embedder: Embedder) -> None:
        lines = files("retrieval").joinpath(USUAL).read_text(encoding="utf-8").splitlines()
        vectors = embedder.embed(lines, role=Role.QUESTION)
        langs = np.array([detect(line) for line in lines])
        self._means = {lang: vectors[langs == lang].mean(axis=0) for lang in ("zh", "en")}
        self._overall = vectors.mean(axis=0)

    def without(self, query: FloatVector, lang: str, share: float = 1.0) -> FloatVector:
        """Return the query less `share` of the usual in its language; not normalised."""
        return np.asarray(query - share * self._usual(lang), dtype=np.float32)

    def nearness(self, query: FloatVector, lang: str) -> float:
        """Return how much nearer a query is to the usual messages in its language than those are
        to each other (difference of mean cosines; mostly below 0)."""
        usual = self._usual(lang)
        return float((query - usual) @ usual)

    def subject(self, corpus: Corpus) -> FloatVector:
        """Return what the clauses of a corpus have in common, apart from the usual.

        What all clauses of a community are about, most of its members' questions are about too.
        """
        usual = np.stack([self._usual(clause.lang) for clause in corpus.clauses])
        common = (corpus.vectors - usual).sum(axis=0) / (len(usual) + _FEW)
        axis = self._overall / np.linalg.norm(self._overall)
        return np.asarray(common - (common @ axis) * axis, dtype=np.float32)

    def _usual(self, lang: str) -> FloatVector:
        return np.asarray(self._means.get(lang, self._overall), dtype=np.float32)
