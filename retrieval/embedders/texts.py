"""What every embedder does to a text before its model sees it."""

from __future__ import annotations


def clean(text: str, limit: int) -> str:
    """Cut to `limit` characters and replace lone surrogates, which no model can encode."""
    cut = text[:limit]
    try:
        cut.encode()
    except UnicodeEncodeError:
        return cut.encode("utf-8", "replace").decode()
    return cut
