"""Any sentence-transformers model, by name or folder; torch is loaded on first use."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from retrieval.embedders.texts import clean, prefix
from retrieval.errors import EmbedderUnavailable
from retrieval.models import export_hf
from retrieval.models.materialise import MODEL_NAME
from retrieval.models.source import SOURCE_SHA256
from retrieval.types import EmbedderInfo, FloatMatrix, Role

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_MAX_CHARACTERS = 20_000
_DEFAULT_MAX_TOKENS = 512


class SentenceTransformerEmbedder:
    """Embeds with torch in float32. Safe to call from several threads.

    `multilingual-e5-small` means the bundled weights and needs no network; a folder is read as it
    is; any other name is looked up on the model hub (once, then from its cache).
    """

    def __init__(
        self,
        model: str,
        cache_dir: Path,
        *,
        threads: int = 0,
        batch_size: int = 32,
        device: str | None = None,
    ) -> None:
        """Prepare, cheaply; `threads` 0 and `device` None leave the choice to torch."""
        self._name = model
        self._cache_dir = cache_dir
        self._threads = threads
        self._batch_size = batch_size
        self._device = device
        self._lock = Lock()
        self._loaded: tuple[SentenceTransformer, EmbedderInfo] | None = None

    @property
    def info(self) -> EmbedderInfo:
        """Identity of the vectors; loads the model on first use."""
        return self._load()[1]

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        """Return one unit row per text, shape (n, dim).

        Raises:
            EmbedderUnavailable: the model cannot be found or loaded.
        """
        model, info = self._load()
        if not texts:
            return np.empty((0, info.dim), np.float32)
        start = prefix(self._name, role)
        vectors = model.encode(
            [start + clean(text, _MAX_CHARACTERS) for text in texts],
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)

    def _load(self) -> tuple[SentenceTransformer, EmbedderInfo]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._open()
            return self._loaded

    def _open(self) -> tuple[SentenceTransformer, EmbedderInfo]:
        # Set before the import, which reads it.
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        if self._threads:
            torch.set_num_threads(self._threads)
        place = str(export_hf(self._cache_dir)) if self._name == MODEL_NAME else self._name
        try:
            model = SentenceTransformer(
                place, device=self._device, local_files_only=Path(place).is_dir()
            )
        except (OSError, ValueError) as error:
            raise EmbedderUnavailable(
                f"the model {self._name!r} cannot be loaded: {error}; "
                "name a local folder, or allow one download from the model hub"
            ) from error
        return model, self._describe(model)

    def _describe(self, model: SentenceTransformer) -> EmbedderInfo:
        dim = int(model.get_embedding_dimension() or 0)
        tokens = int(model.max_seq_length or _DEFAULT_MAX_TOKENS)
        content = SOURCE_SHA256 if self._name == MODEL_NAME else _weights_hash(model)
        text = f"{content}|{dim}|{tokens}|{prefix(self._name, Role.QUERY)}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return EmbedderInfo(Path(self._name).name, dim, tokens, f"st-{digest}")


def _weights_hash(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().float().cpu().numpy().tobytes())
    return digest.hexdigest()
