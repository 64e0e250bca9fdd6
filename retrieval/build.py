"""Settings become parts: the only place that names a concrete embedder, store or retriever."""

from __future__ import annotations

from retrieval.config import RetrievalConfig
from retrieval.embedders import factory
from retrieval.errors import IndexUnavailable
from retrieval.ports import Embedder, VectorIndex, VectorStore
from retrieval.retriever import Retriever
from retrieval.types import Corpus

VECTORS = "vectors"
"""Folder of the embedded vector store inside the data folder."""


def build_embedder(config: RetrievalConfig) -> Embedder:
    """Return the configured embedder, not yet loaded.

    Raises:
        RetrievalError: the settings of a remote embedder are incomplete.
    """
    return factory.build_embedder(config.embedder, config.cache_dir)


def build_vector_store(config: RetrievalConfig) -> VectorStore:
    """Open the vector cache.

    An embedded store that was damaged comes back empty (`ChromaStore.quarantined` names where the
    damaged one went): reconcile it with the database.

    Raises:
        IndexUnavailable: another process holds the folder, or the server does not answer.
    """
    if config.vectors.mode == "embedded":
        from retrieval.indexes.chroma_embedded import open_embedded

        return open_embedded(config.data_dir / VECTORS)
    from retrieval.indexes.chroma_server import open_server

    if not config.vectors.url:
        raise IndexUnavailable("the vector mode is `server` but no URL is set: set its URL")
    return open_server(config.vectors.url, timeout_s=config.vectors.timeout_s)


def build_retriever(
    config: RetrievalConfig, corpus: Corpus, embedder: Embedder, index: VectorIndex | None
) -> Retriever:
    """Return the retriever of one corpus; without an index it searches the corpus's vectors."""
    return Retriever(corpus, embedder, index, config.retriever)
