"""How much each token counts in a vector that is to tell clauses apart.

The mean over a text's tokens is mostly what every text has; the rare ones say what it is about.
Weights are those of Arora et al. (2017, "A simple but tough-to-beat baseline for sentence
embeddings"), with the tokenizer's own unigram probabilities, so nothing is counted anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.models.vocabulary import Vocabulary

RARITY = "rare1"
"""Names the weights; a change here makes a new fingerprint of questions and clauses."""

_USUAL = 1e-4
"""A token of this probability weighs half of the rarest; 1e-3 to 1e-5 measured alike."""

_FULL = 10_000
"""Weight of the rarest token. The model takes whole numbers, and 0 would hide a token."""

Weights = NDArray[np.int32]


class Rarity:
    """Weighs tokens. Safe to use from several threads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def weights(self, rows: Sequence[Sequence[int]], prefix: str) -> list[Weights]:
        """Return 1 to 10,000 for each token of each row; `prefix` begins every text, for 1."""
        (opening,) = self._vocabulary.encode([prefix.rstrip()])
        lead = len(opening) - 1  # its end token is not part of the rows
        return [self._row(row, lead) for row in rows]

    def _row(self, row: Sequence[int], lead: int) -> Weights:
        probability = np.exp(self._vocabulary.scores(row))
        weights = np.maximum(_FULL * _USUAL / (_USUAL + probability), 1).astype(np.int32)
        weights[:lead] = weights[-1] = 1
        return np.asarray(weights, np.int32)
