"""The real embedder, materialised once on the machine and loaded once in a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.embedders.onnx_int8 import OnnxEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.models import materialise
from retrieval.models.materialise import MODEL_NAME


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Folder of materialised models, filled; HUIYIN_MODEL_CACHE overrides the user's own."""
    configured = os.environ.get("HUIYIN_MODEL_CACHE")
    folder = Path(configured) if configured else Path.home() / ".cache" / "huiyin" / "models"
    materialise(folder)
    return folder


@pytest.fixture(scope="session")
def onnx_embedder(model_cache: Path) -> OnnxEmbedder:
    """The default embedder on the real model."""
    return OnnxEmbedder(model_cache)


@pytest.fixture(scope="session")
def torch_embedder(model_cache: Path) -> SentenceTransformerEmbedder:
    """The same weights in float32; one thread, since OpenMP spins badly on busy machines."""
    return SentenceTransformerEmbedder(MODEL_NAME, model_cache, threads=1, device="cpu")
