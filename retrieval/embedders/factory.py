"""Settings become an embedder here."""

from __future__ import annotations

from pathlib import Path

from retrieval.config import EmbedderConfig
from retrieval.ports import Embedder


def build_embedder(config: EmbedderConfig, cache_dir: Path) -> Embedder:
    """Return the configured embedder, not yet loaded.

    Raises:
        RetrievalError: the settings of a remote embedder are incomplete.
    """
    match config.kind:
        case "onnx":
            from retrieval.embedders.onnx_int8 import OnnxEmbedder

            return OnnxEmbedder(cache_dir, threads=config.threads, batch_tokens=config.batch_tokens)
        case "hashing":
            from retrieval.embedders.hashing import HashingEmbedder

            return HashingEmbedder(config.dim or 256)
        case "sentence_transformer":
            from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder

            return SentenceTransformerEmbedder(config.model, cache_dir, threads=config.threads)
        case "openai":
            from retrieval.embedders.openai_compatible import OpenAIEmbedder

            return OpenAIEmbedder.from_config(config)
