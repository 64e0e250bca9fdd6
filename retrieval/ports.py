"""What the retrieval room needs from its adapters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from retrieval.types import EmbedderInfo, FloatMatrix, FloatVector, Hit, Role


class Embedder(Protocol):
    """Turns texts into L2-normalised vectors. Blocking; safe to call from several threads."""

    @property
    def info(self) -> EmbedderInfo:
        """Name, dimension and fingerprint; may load the model on first use."""
        ...

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        """Return one row per text, in the order given; an empty input gives shape (0, dim).

        Raises:
            EmbedderUnavailable: the model or its server cannot answer now (retry later).
        """
        ...


class VectorIndex(Protocol):
    """Nearest neighbours in one collection (one kind of thing of one community)."""

    def upsert(self, ids: Sequence[str], vectors: FloatMatrix) -> None:
        """Store or replace vectors; repeating a call changes nothing."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove ids; unknown ids are ignored."""
        ...

    def query(self, vector: FloatVector, k: int) -> tuple[Hit, ...]:
        """Return at most `k` hits by cosine similarity, best first."""
        ...

    def query_many(self, vectors: FloatMatrix, k: int) -> tuple[tuple[Hit, ...], ...]:
        """Answer one `query` per row, in one call to the store."""
        ...

    def ids(self) -> frozenset[str]:
        """All stored ids, for reconciliation with the database."""
        ...

    def count(self) -> int:
        """How many vectors are stored; cheap."""
        ...


class VectorStore(Protocol):
    """Opens collections; each is stamped with the embedder's fingerprint."""

    def collection(self, name: str, info: EmbedderInfo) -> VectorIndex:
        """Open or create the collection.

        Raises:
            FingerprintMismatch: the collection holds vectors of another embedder.
            IndexUnavailable: the store cannot be reached or is damaged.
        """
        ...

    def drop(self, name: str) -> None:
        """Remove the collection if it exists."""
        ...

    def close(self) -> None:
        """Release locks and connections."""
        ...


class LexicalIndex(Protocol):
    """Keyword search over one corpus, with the same segmenter at index and query time."""

    def query(self, text: str, k: int) -> tuple[Hit, ...]:
        """Return at most `k` hits with a positive score, best first."""
        ...
