"""Runs a model folder: prefixed texts in, unit vectors out, on several cores, in bounded memory.

One session serves every thread: a call uses the core it comes from, so the weights are held once
and no thread waits for another inside an operator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from retrieval.models.graph import OUTPUT
from retrieval.models.rarity import Rarity
from retrieval.models.session import feed, open_session
from retrieval.models.source import Floats
from retrieval.models.vocabulary import Vocabulary

DIM = 384
MODEL_FILE, VOCABULARY_FILE = "model.onnx", "sentencepiece.model"

_SPLIT_TOKENS = 512
"""Batches beyond this fall out of the processor's cache and get slower."""

_WINDOW = 4096
"""Texts tokenised at a time; bounds the memory of tokens however long the input."""


class Runner:
    """A loaded model. Safe to call from several threads."""

    def __init__(self, folder: Path, *, threads: int, batch_tokens: int) -> None:
        self._session = open_session(str(folder / MODEL_FILE))
        self._vocabulary = Vocabulary(folder / VOCABULARY_FILE)
        self._rarity = Rarity(self._vocabulary)
        self._threads = threads
        self._batch_tokens = min(batch_tokens, _SPLIT_TOKENS)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embed")

    def embed(self, texts: Sequence[str], *, rare_after: str | None = None) -> Floats:
        """Return one row per text, in order; shape (len(texts), 384).

        `rare_after` is the prefix of all texts when what follows is to weigh by its rarity.
        """
        output = np.empty((len(texts), DIM), np.float32)
        for start in range(0, len(texts), _WINDOW):
            part = slice(start, start + _WINDOW)
            self._embed_window(texts[part], output[part], rare_after)
        return output

    def _embed_window(self, texts: Sequence[str], output: Floats, rare_after: str | None) -> None:
        rows = self._vocabulary.encode(texts)
        weights = None if rare_after is None else self._rarity.weights(rows, rare_after)

        def run(batch: list[int]) -> None:
            counts = None if weights is None else [weights[index] for index in batch]
            (output[batch],) = self._session.run(
                [OUTPUT], feed([rows[index] for index in batch], counts)
            )

        batches = list(_batches(rows, self._batch_tokens))
        if len(batches) > 1 and self._threads > 1:
            list(self._pool.map(run, batches))
        else:
            for batch in batches:
                run(batch)


def _batches(rows: Sequence[Sequence[int]], limit: int) -> Iterator[list[int]]:
    """Indices of rows of like length, longest first; rows times longest row stays within limit."""
    order = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
    start = 0
    while start < len(order):
        size = max(1, limit // len(rows[order[start]]))
        yield order[start : start + size]
        start += size
