"""Uploaded documents to blocks of text. To add a format: a parser file, an entry in `sniff`
and one in `_BODIES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from retrieval.documents.decode import decode
from retrieval.documents.docx import blocks_of_docx
from retrieval.documents.front_matter import split_front_matter
from retrieval.documents.html import blocks_of_html
from retrieval.documents.markdown import blocks_of_markdown
from retrieval.documents.model import (
    MAX_BLOCKS,
    MAX_BYTES,
    MAX_CHARS,
    Block,
    BlockKind,
    ParsedDocument,
)
from retrieval.documents.pdf import blocks_of_pdf
from retrieval.documents.plain import blocks_of_text, collapse
from retrieval.documents.sniff import Format, format_of
from retrieval.errors import DocumentUnreadable

__all__ = ["MAX_BYTES", "Block", "BlockKind", "ParsedDocument", "parse"]

_Parts = tuple[str, Mapping[str, str], Sequence[Block]]


def parse(data: bytes, filename: str, declared_mime: str | None = None) -> ParsedDocument:
    """Parse an uploaded document.

    The title comes from the front matter, else the page title, else the heading that opens the
    document or stands above all others, else the file name.

    Raises:
        DocumentUnreadable: too large, of another type than declared, undecodable, damaged,
            encrypted, dangerous, or without text. The message says which and what to do.
    """
    if len(data) > MAX_BYTES:
        raise DocumentUnreadable(
            f"the file is larger than {MAX_BYTES // 2**20} MiB: upload it in parts",
            code="too_large",
        )
    if not data.strip():
        raise DocumentUnreadable("the file is empty", code="empty")
    title, entries, blocks = _BODIES[format_of(data, filename, declared_mime)](data)
    _check_amount(blocks)
    return ParsedDocument(_title(title, entries, blocks, filename), entries, tuple(blocks))


def _check_amount(blocks: Sequence[Block]) -> None:
    if not blocks:
        raise DocumentUnreadable("the document holds no text", code="empty")
    if len(blocks) > MAX_BLOCKS or sum(len(block.text) for block in blocks) > MAX_CHARS:
        raise DocumentUnreadable(
            "the document holds too much text: upload it in parts", code="too_large"
        )


def _title(title: str, entries: Mapping[str, str], blocks: Sequence[Block], filename: str) -> str:
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    chosen = entries.get("title") or title or _title_heading(blocks) or stem
    return re.sub(r"[\x00-\x1f\x7f]", " ", collapse(chosen))[:200]


def _title_heading(blocks: Sequence[Block]) -> str:
    """The first heading, where it opens the document or stands above all others."""
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    if not headings or re.match(r"\d|第", headings[0].text):
        return ""
    stands_above = all(other.level > headings[0].level for other in headings[1:])
    return headings[0].text if stands_above or blocks[0] is headings[0] else ""


def _text(data: bytes) -> str:
    text = decode(data)
    if len(text) > MAX_CHARS:
        raise DocumentUnreadable(
            "the document holds too much text: upload it in parts", code="too_large"
        )
    return text


def _markdown(data: bytes) -> _Parts:
    entries, body = split_front_matter(_text(data))
    return "", entries, blocks_of_markdown(body)


def _plain(data: bytes) -> _Parts:
    entries, body = split_front_matter(_text(data))
    return "", entries, list(blocks_of_text(body))


def _html(data: bytes) -> _Parts:
    title, blocks = blocks_of_html(_text(data))
    return title, {}, blocks


_BODIES: Mapping[Format, Callable[[bytes], _Parts]] = {
    "markdown": _markdown,
    "text": _plain,
    "html": _html,
    "docx": lambda data: ("", {}, blocks_of_docx(data)),
    "pdf": lambda data: ("", {}, blocks_of_pdf(data)),
}
