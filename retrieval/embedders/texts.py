"""What every embedder does to a text before its model sees it."""

from __future__ import annotations

import re

from retrieval.types import Role


def clean(text: str, limit: int) -> str:
    """Cut to `limit` characters and replace lone surrogates, which no model can encode."""
    cut = text[:limit]
    try:
        cut.encode()
    except UnicodeEncodeError:
        return cut.encode("utf-8", "replace").decode()
    return cut


def prefix(model: str, role: Role) -> str:
    """Return what models of the E5 family expect before a text; nothing for the others."""
    is_e5 = "e5" in re.split(r"[-_./]", model.lower())
    return f"{role.side.value}: " if is_e5 else ""
