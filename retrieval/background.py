"""Where messages about nothing in particular lie: what every query has in common."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatVector, Role

SMALL_TALK = "small_talk.txt"


class Background:
    """The mean vector of small talk in each language.

    Cosines of a multilingual model are high for any two texts, and some clauses are near every
    text (hubs). The part of a query that all messages share says nothing about its answer;
    taking its mean away is the same as subtracting from every clause its usual nearness.
    """

    def __init__(self, embedder: Embedder) -> None:
        lines = files("retrieval").joinpath(SMALL_TALK).read_text(encoding="utf-8").splitlines()
        vectors = embedder.embed(lines, role=Role.QUERY)
        langs = np.array([detect(line) for line in lines])
        self._means = {lang: vectors[langs == lang].mean(axis=0) for lang in ("zh", "en")}
        self._overall = vectors.mean(axis=0)

    def without(self, query: FloatVector, lang: str, share: float = 1.0) -> FloatVector:
        """Return the query less `share` of small talk in its language; not normalised."""
        usual = self._means.get(lang, self._overall)
        return np.asarray(query - share * usual, dtype=np.float32)
