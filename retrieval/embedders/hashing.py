"""A deterministic stand-in for tests: character n-grams hashed into a vector, no model at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np

from retrieval.embedders.texts import clean
from retrieval.types import EmbedderInfo, FloatMatrix, FloatVector, Role

_MAX_CHARACTERS = 8192
_NGRAMS = (1, 2, 3)


class HashingEmbedder:
    """Texts that share characters and character n-grams are near; both roles embed alike."""

    def __init__(self, dim: int = 256) -> None:
        self._info = EmbedderInfo("hashing", dim, _MAX_CHARACTERS, f"hashing-1-{dim}")

    @property
    def info(self) -> EmbedderInfo:
        """Name, dimension and fingerprint."""
        return self._info

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:  # noqa: ARG002
        """Return one unit row per text, shape (n, dim)."""
        rows = [self._vector(clean(text, _MAX_CHARACTERS)) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self._info.dim)

    def _vector(self, text: str) -> FloatVector:
        vector = np.zeros(self._info.dim, np.float32)
        for gram in _grams(unicodedata.normalize("NFKC", text).lower()):
            digest = crc32(gram.encode())
            vector[digest % self._info.dim] += 1.0 if digest & 0x80000000 else -1.0
        length = float(np.linalg.norm(vector))
        if length == 0.0:  # nothing hashed, or everything cancelled out
            vector[0] = length = 1.0
        return np.asarray(vector / length, np.float32)


def _grams(text: str) -> Iterator[str]:
    padded = f" {' '.join(text.split())} "
    for size in _NGRAMS:
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]
