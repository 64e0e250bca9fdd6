"""The default embedder: bundled multilingual-e5-small in int8, without torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from retrieval.embedders.texts import clean
from retrieval.errors import EmbedderUnavailable
from retrieval.models import Progress, fingerprint, materialise
from retrieval.models.materialise import MODEL_NAME
from retrieval.models.rarity import RARITY
from retrieval.models.runner import DIM, Runner
from retrieval.models.vocabulary import MAX_CHARACTERS, MAX_TOKENS
from retrieval.types import EmbedderInfo, FloatMatrix, Role

if TYPE_CHECKING:
    from collections.abc import Iterable


class OnnxEmbedder:
    """Embeds with the bundled model, loaded on first use. Safe to call from several threads.

    A vector depends on its text and role alone, to rounding: the int8 ranges are constants.
    """

    def __init__(
        self,
        cache_dir: Path,
        *,
        threads: int = 0,
        batch_tokens: int = 4096,
        progress: Progress | None = None,
    ) -> None:
        """Prepare, cheaply; `threads` 0 takes every core the process may use."""
        self._cache_dir = cache_dir
        self._threads = threads or _cores()
        self._batch_tokens = batch_tokens
        self._progress = progress
        self._lock = Lock()
        self._runner: Runner | None = None
        stamp = f"onnx-{fingerprint()}"
        self._info = EmbedderInfo(MODEL_NAME, DIM, MAX_TOKENS, stamp, f"{stamp}-{RARITY}")

    @property
    def info(self) -> EmbedderInfo:
        """Identity of the vectors; known without loading the model."""
        return self._info

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        """Return one unit row per text, shape (n, 384).

        Only the first 512 tokens of a text count; rare ones count more in questions and clauses.

        Raises:
            EmbedderUnavailable: the model cannot be built or loaded on this machine now.
            ModelUnverified: the weights or the built model differ from what was pinned.
        """
        if not texts:
            return np.empty((0, DIM), np.float32)
        prefix = f"{role.side.value}: "
        unique, places = _deduplicate(prefix + clean(text, MAX_CHARACTERS) for text in texts)
        weighed = prefix if role is not role.side else None
        return self.load().embed(unique, rare_after=weighed)[places]

    def load(self) -> Runner:
        """Load the model now instead of at the first call; repeating it costs nothing."""
        with self._lock:
            if self._runner is None:
                self._runner = self._open()
            return self._runner

    def _open(self) -> Runner:
        try:
            folder = materialise(self._cache_dir, self._progress)
            return Runner(folder, threads=self._threads, batch_tokens=self._batch_tokens)
        except OSError as error:
            raise EmbedderUnavailable(
                f"the embedding model cannot be prepared in {self._cache_dir}: {error}; "
                "check the folder's permissions and free space (100 MB)"
            ) from error


def _deduplicate(texts: Iterable[str]) -> tuple[list[str], list[int]]:
    """Distinct texts in order of appearance, and for every input its row among them."""
    seen: dict[str, int] = {}
    places = [seen.setdefault(text, len(seen)) for text in texts]
    return list(seen), places


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
