"""Vectors in Chroma: a derived cache that can always be rebuilt from the database.

Vectors are always passed in; Chroma's own embedding function is never used, because it would
fetch a model from the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import FingerprintMismatch, IndexUnavailable, RetrievalError
from retrieval.types import EmbedderInfo, FloatMatrix, FloatVector, Hit

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

BATCH = 5000
"""Chroma refuses more than 5,461 rows in one call."""

_PAGE = 10_000
_CONFIGURATION = {"hnsw": {"space": "cosine", "ef_search": 200}}


@contextmanager
def translated(action: str) -> Iterator[None]:
    """Turn whatever Chroma raises into `IndexUnavailable`."""
    try:
        yield
    except RetrievalError:
        raise
    except Exception as error:
        # Chroma lets errors of httpx, sqlite and its Rust core through untyped
        raise IndexUnavailable(
            f"the vector store failed to {action} ({type(error).__name__}); search goes on without "
            "it, run `huiyin reindex` once it is back"
        ) from error


def safe_name(name: str) -> str:
    """Return a name Chroma accepts; any text may come in, different texts stay apart."""
    return "c-" + hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:48]


class ChromaIndex:
    """One collection, cosine similarity."""

    def __init__(self, collection: Collection, dim: int) -> None:
        self._collection = collection
        self._dim = dim

    def upsert(self, ids: Sequence[str], vectors: FloatMatrix) -> None:
        if vectors.shape != (len(ids), self._dim):
            raise ValueError(f"expected shape {(len(ids), self._dim)}, got {vectors.shape}")
        rows = dict(zip(ids, vectors, strict=True))
        keys = list(rows)
        with translated("store vectors"):
            for start in range(0, len(keys), BATCH):
                batch = keys[start : start + BATCH]
                self._collection.upsert(ids=batch, embeddings=[rows[key] for key in batch])

    def delete(self, ids: Sequence[str]) -> None:
        known = sorted(self.ids().intersection(ids))
        with translated("delete vectors"):
            for start in range(0, len(known), BATCH):
                self._collection.delete(ids=known[start : start + BATCH])

    def query(self, vector: FloatVector, k: int) -> tuple[Hit, ...]:
        return self.query_many(vector[None], k)[0]

    def query_many(self, vectors: FloatMatrix, k: int) -> tuple[tuple[Hit, ...], ...]:
        if len(vectors) == 0:
            return ()
        with translated("search"):
            answer = self._collection.query(
                query_embeddings=list(vectors), n_results=k, include=["distances"]
            )
            rows = zip(answer["ids"], answer["distances"] or [], strict=True)
            return tuple(_hits(ids, distances) for ids, distances in rows)

    def ids(self) -> frozenset[str]:
        found: list[str] = []
        with translated("list its entries"):
            while True:
                page = self._collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]
                found.extend(page)
                if len(page) < _PAGE:
                    return frozenset(found)

    def count(self) -> int:
        with translated("count its entries"):
            return int(self._collection.count())


def _hits(ids: Sequence[str], distances: Sequence[float]) -> tuple[Hit, ...]:
    pairs = zip(ids, distances, strict=True)
    return tuple(Hit(key, 1.0 - float(distance)) for key, distance in pairs)


class ChromaStore:
    """Opens collections of one Chroma client and stamps them with the embedder's fingerprint.

    `quarantined` is the folder a damaged store was moved to at start: the collections are empty
    then, and the caller rebuilds them from the database.
    """

    def __init__(
        self,
        client: ClientAPI,
        *,
        on_close: Callable[[], None] = lambda: None,
        quarantined: Path | None = None,
    ) -> None:
        self._client = client
        self._on_close = on_close
        self.quarantined = quarantined

    def collection(self, name: str, info: EmbedderInfo) -> ChromaIndex:
        with translated("open a collection"):
            collection = self._client.get_or_create_collection(
                safe_name(name),
                metadata={"fingerprint": info.fingerprint},
                configuration=_CONFIGURATION,
                embedding_function=None,
            )
            stored = str((collection.metadata or {}).get("fingerprint", "unknown"))
        if stored != info.fingerprint:
            raise FingerprintMismatch(stored, info.fingerprint)
        return ChromaIndex(collection, info.dim)

    def drop(self, name: str) -> None:
        from chromadb.errors import NotFoundError

        with translated("drop a collection"):
            try:
                self._client.delete_collection(safe_name(name))
            except NotFoundError:
                return

    def close(self) -> None:
        """Release the client and the folder's lock; closing twice is harmless."""
        try:
            self._client.close()
        finally:
            self._on_close()
