"""What is done to every text on entry: control characters out, nothing else changed."""

from __future__ import annotations

import unicodedata

_KEPT = {"\n", "\t"}
_INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp"}


def clean_text(text: str) -> str:
    """Normalise line ends and drop control characters and lone surrogates.

    Zero-width characters stay: triage reads them as a sign of evasion.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char for char in unified if char in _KEPT or unicodedata.category(char) not in ("Cc", "Cs")
    ).strip()


def is_blank(text: str) -> bool:
    """Whether nothing visible is left."""
    return all(char in _KEPT or unicodedata.category(char) in _INVISIBLE for char in text)
