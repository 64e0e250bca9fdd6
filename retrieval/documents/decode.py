"""Bytes to text without ever guessing wrong silently."""

from __future__ import annotations

import codecs
import re
from typing import NoReturn

from retrieval.errors import DocumentUnreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ("gb18030", "big5")
_PLAUSIBLE = 0.9
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UNDECODABLE = (
    "the text is neither UTF-8 nor GB18030 nor Big5, or the file is damaged: save it as UTF-8 "
    "and upload it again"
)


def decode(data: bytes) -> str:
    """Decode UTF-8 (with or without mark), UTF-16 with a mark, GB18030 or Big5.

    A legacy encoding is accepted only when the result reads as common Chinese, because almost
    any bytes decode as GB18030.

    Raises:
        DocumentUnreadable: the encoding cannot be told, or the bytes are not text.
    """
    text = _decode(data)
    if _CONTROL.search(text):
        raise DocumentUnreadable("the file holds binary data, not text", code="not_text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes) -> str:
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    text = _strict(data, marked or "utf-8")
    if text is not None:
        return text
    if marked:
        _refuse()
    return _legacy(data)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _legacy(data: bytes) -> str:
    candidates = [text for name in _LEGACY if (text := _strict(data, name)) is not None]
    best = max(candidates, key=_plausibility, default=None)
    if best is None or _plausibility(best) < _PLAUSIBLE:
        _refuse()
    return best


def _refuse() -> NoReturn:
    raise DocumentUnreadable(_UNDECODABLE, code="encoding")


def _plausibility(text: str) -> float:
    """Share of non-ASCII characters that are common Chinese (GB 2312 level 1) or its signs."""
    from opencc import OpenCC

    wide = [ch for ch in OpenCC("t2s").convert(text) if not ch.isascii()]
    return sum(map(_is_common, wide)) / len(wide) if wide else 0.0


def _is_common(char: str) -> bool:
    try:
        row = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xA1 <= row <= 0xA3 or 0xB0 <= row <= 0xD7
