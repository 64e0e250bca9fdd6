"""Sentences as vectors that differ by what they say."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from retrieval.background import Background
from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector, Role

ROLE = Role.QUESTION
MOST = 4096
"""Vectors of sources kept: the clauses of a community come again and again."""


def stamp(embedder: Embedder) -> str:
    """Fingerprint of the vectors made here; a head fitted on others must not judge them."""
    return embedder.info.of(ROLE).fingerprint


class Meaning:
    """Embeds texts less what usual messages of their language share, to unit length.

    Raw cosines of a multilingual model are high for any two texts, most of all in one language.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self._lock = embedder, Lock()
        self._background: Background | None = None
        self._kept: OrderedDict[str, FloatVector] = OrderedDict()

    def of(self, fresh: Sequence[str], known: Sequence[str]) -> tuple[FloatMatrix, FloatMatrix]:
        """Vectors of both, shapes (len, dim); those of `known` are kept for the next text.

        Raises:
            EmbedderUnavailable: the embedder cannot answer now.
        """
        with self._lock:
            missing = [text for text in dict.fromkeys(known) if text not in self._kept]
            rows = self._embed([*fresh, *missing])
            for text, row in zip(missing, rows[len(fresh) :], strict=True):
                self._kept[text] = row
            found = np.stack([self._kept[text] for text in known]) if known else rows[:0]
            for text in known:
                self._kept.move_to_end(text)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return rows[: len(fresh)], np.asarray(found, dtype=np.float32)

    def learn(self, known: Sequence[str]) -> None:
        """Make and keep the vectors of `known` ahead of the text they are needed for.

        Raises:
            EmbedderUnavailable: the embedder cannot answer now.
        """
        self.of((), known)

    def _embed(self, texts: Sequence[str]) -> FloatMatrix:
        if self._background is None:
            self._background = Background(self._embedder)
        vectors = self._embedder.embed(texts, role=ROLE)
        rows = [
            self._background.without(vector, detect(text))
            for text, vector in zip(texts, vectors, strict=True)
        ]
        plain = np.stack(rows) if rows else vectors
        lengths = np.linalg.norm(plain, axis=1, keepdims=True)
        return np.asarray(plain / np.maximum(lengths, 1e-9), dtype=np.float32)
