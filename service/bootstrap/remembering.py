"""An embedder that makes no vector twice while a replay looks at one chunk of cases."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from retrieval.ports import Embedder
from retrieval.types import EmbedderInfo, FloatMatrix, FloatVector, Role


class RememberingEmbedder:
    """See `retrieval.ports.Embedder` and `service.ports.previews.Memory`. Two engines that ask for
    the same text get the very same numbers, so they differ only by what they are made of."""

    def __init__(self, inner: Embedder) -> None:
        self._inner, self._lock = inner, Lock()
        self._known: dict[tuple[Role, str], FloatVector] = {}

    @property
    def info(self) -> EmbedderInfo:
        """The inner embedder's."""
        return self._inner.info

    @property
    def fingerprint(self) -> str:
        """See `Memory.fingerprint`."""
        return self._inner.info.fingerprint

    def renew(self, texts: Sequence[str], vectors: FloatMatrix | None) -> None:
        """See `Memory.renew`."""
        with self._lock:
            self._known = {}
            if vectors is not None:
                known = zip(texts, vectors, strict=True)
                self._known = {(Role.QUERY, text): vector for text, vector in known}

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        """See the port; only texts that are new are embedded."""
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if (role, text) not in self._known]
            if missing:
                made = self._inner.embed(missing, role=role)
                self._known |= {(role, one): row for one, row in zip(missing, made, strict=True)}
            rows = [self._known[role, text] for text in texts]
        return np.stack(rows) if rows else self._inner.embed([], role=role)
