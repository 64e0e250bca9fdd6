"""Any OpenAI-compatible embeddings endpoint: a hosted one, vLLM, TEI, llama.cpp, Ollama."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from retrieval.config import EmbedderConfig
from retrieval.embedders.texts import clean, prefix
from retrieval.errors import EmbedderUnavailable, RetrievalError
from retrieval.types import EmbedderInfo, FloatMatrix, Role

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI
    from openai.types import CreateEmbeddingResponse

MAX_CHARACTERS = 8000
"""Longest text sent; the common limit is 8,191 tokens, and a Chinese character may take one."""

_BATCH_TEXTS, _BATCH_CHARACTERS = 128, 60_000
_RETRIES = 2


class OpenAIEmbedder:
    """Asks a server for vectors and normalises them. Safe to call from several threads.

    The fingerprint is made of the model's name and dimension: an endpoint that changes the model
    behind a name cannot be told apart.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str | None = None,
        timeout_s: float = 30.0,
        dim: int | None = None,
        http_client: httpx2.Client | None = None,
    ) -> None:
        """Prepare, cheaply; without `dim` the first use asks the server for it."""
        self._base_url, self._model = base_url, model
        self._api_key, self._timeout_s = api_key, timeout_s
        self._dim, self._http_client = dim, http_client
        self._lock = Lock()
        self._client: OpenAI | None = None

    @classmethod
    def from_config(cls, config: EmbedderConfig) -> OpenAIEmbedder:
        """Build from settings.

        Raises:
            RetrievalError: no endpoint is configured.
        """
        if not config.base_url:
            raise RetrievalError("embedder kind `openai` needs `base_url`, e.g. http://host/v1")
        return cls(
            base_url=config.base_url,
            model=config.model,
            api_key=config.api_key.get_secret_value() if config.api_key else None,
            timeout_s=config.timeout_s,
            dim=config.dim,
        )

    @property
    def info(self) -> EmbedderInfo:
        """Identity of the vectors.

        Raises:
            EmbedderUnavailable: the dimension is not configured and the server cannot tell.
        """
        dim = self._dim or self._request(["dimension"]).shape[1]
        self._dim = dim
        scheme = f"{self._model}|{dim}|{prefix(self._model, Role.QUERY)}|{MAX_CHARACTERS}"
        digest = hashlib.sha256(scheme.encode()).hexdigest()[:16]
        return EmbedderInfo(self._model, dim, MAX_CHARACTERS, f"openai-{digest}")

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        """Return one unit row per text, shape (n, dim).

        Raises:
            EmbedderUnavailable: the server is unreachable, refuses, or answers nonsense.
        """
        dim, start = self.info.dim, prefix(self._model, role)
        # Servers refuse an empty input, so a blank text is sent as one space.
        cleaned = [(start + clean(text, MAX_CHARACTERS)) or " " for text in texts]
        parts = [self._request(batch) for batch in _batches(cleaned)]
        return np.concatenate(parts) if parts else np.empty((0, dim), np.float32)

    def _request(self, batch: list[str]) -> FloatMatrix:
        from openai import OpenAIError

        try:
            response = self._connected().embeddings.create(
                input=batch, model=self._model, encoding_format="float"
            )
        except OpenAIError as error:
            raise EmbedderUnavailable(
                f"the embeddings endpoint {self._base_url} failed: {error}; "
                "check base_url, model, api_key and that the server runs"
            ) from error
        return _normalised(_rows(response, len(batch)), self._dim)

    def _connected(self) -> OpenAI:
        with self._lock:
            if self._client is None:
                from openai import OpenAI

                self._client = OpenAI(
                    base_url=self._base_url,
                    # A placeholder, lest the client send a key found in the environment.
                    api_key=self._api_key or "none",
                    timeout=self._timeout_s,
                    max_retries=_RETRIES,
                    http_client=self._http_client,
                )
            return self._client


def _rows(response: CreateEmbeddingResponse, count: int) -> FloatMatrix:
    # The client does not validate: a proxy's error page arrives here as text.
    try:
        data = sorted(response.data, key=lambda item: item.index)
        rows = np.array([item.embedding for item in data], np.float32)
    except (AttributeError, TypeError, ValueError) as error:
        raise EmbedderUnavailable(f"the embeddings endpoint answered nonsense: {error}") from error
    if rows.ndim != 2 or len(rows) != count:
        raise EmbedderUnavailable(
            f"the embeddings endpoint returned {len(rows)} vectors for {count} texts"
        )
    return rows


def _normalised(rows: FloatMatrix, dim: int | None) -> FloatMatrix:
    if dim is not None and rows.shape[1] != dim:
        raise EmbedderUnavailable(
            f"the embeddings endpoint returned {rows.shape[1]} dimensions, {dim} are configured"
        )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
        raise EmbedderUnavailable("the embeddings endpoint returned an empty or infinite vector")
    return np.asarray(rows / lengths, np.float32)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        full = len(batch) == _BATCH_TEXTS or characters + len(text) > _BATCH_CHARACTERS
        if batch and full:
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch
