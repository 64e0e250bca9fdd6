"""How telling a word is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from importlib.resources import files

import numpy as np

from retrieval.background import USUAL
from retrieval.segment import search_terms


class Rarity:
    """Weights of words: those of usual messages and of our own courteous phrases weigh little."""

    def __init__(self, texts: Iterable[str]) -> None:
        usual = files("retrieval").joinpath(USUAL).read_text(encoding="utf-8").splitlines()
        held = [frozenset(search_terms(text)) for text in (*usual, *texts)]
        self._count, self._seen = len(held), Counter(term for terms in held for term in terms)

    def share(self, terms: Collection[str], among: Collection[str]) -> float:
        """The weight of those terms that are among the others, 0 to 1; 0 for no terms."""
        weights = {term: np.log1p(self._count / (self._seen[term] + 0.5)) for term in terms}
        total = sum(weights.values())
        return float(sum(weights[t] for t in weights if t in among) / total) if total else 0.0
