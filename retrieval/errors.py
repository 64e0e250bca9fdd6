"""Errors of the retrieval room; each message says what to do next."""


class RetrievalError(Exception):
    """Something in embedding, indexing or search failed."""


class FingerprintMismatch(RetrievalError):
    """Stored vectors come from another embedder."""

    def __init__(self, stored: str, current: str) -> None:
        super().__init__(
            f"stored vectors were made by embedder {stored}, the configured one is {current}; "
            "run `huiyin reindex` to rebuild them"
        )
        self.stored, self.current = stored, current


class EmbedderUnavailable(RetrievalError):
    """The embedding model or its server cannot answer now; trying again later may work."""


class IndexUnavailable(RetrievalError):
    """The vector store cannot be reached, is locked by another process, or is damaged."""


class DocumentUnreadable(RetrievalError):
    """An uploaded document cannot be parsed; the message says why, `code` names the reason."""

    def __init__(self, message: str, *, code: str = "unreadable") -> None:
        super().__init__(message)
        self.code = code


class ModelUnverified(RetrievalError):
    """Model weights or the exported model differ from what was pinned."""
