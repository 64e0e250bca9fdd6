"""DOCX to blocks, behind a guard against zip bombs and XML entities."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from retrieval.documents.model import Block, BlockKind
from retrieval.errors import DocumentUnreadable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

MAX_UNCOMPRESSED = 40 * 1024 * 1024
MAX_RATIO = 100
MAX_MEMBERS = 2000
_PIECE = 64 * 1024
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Word writes no others, and pieces of the others unpack without a bound."""

_UNZIPPABLE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    ValueError,
    NotImplementedError,
    EOFError,
)
_BOMB = "the Word document unpacks to far more than its size: it is refused as a possible zip bomb"
_BROKEN = "the Word document is damaged: open it in an editor, save it as DOCX and upload it again"
_DOCTYPES = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))


def blocks_of_docx(data: bytes) -> list[Block]:
    """Return headings, paragraphs, list items and table rows of the body, in order.

    Numbers that Word computes for its automatic lists are not in the file and so not in the text.

    Raises:
        DocumentUnreadable: encrypted, damaged, or unpacking to more than the limits.
    """
    repacked = _guarded(data)
    try:
        import docx

        document = docx.Document(repacked)
        return [block for block in _blocks(document) if block.text.strip(" |\n")]
    except Exception as error:
        # python-docx and lxml raise a wide range of errors on damaged parts
        raise DocumentUnreadable(_BROKEN, code="damaged") from error


def _guarded(data: bytes) -> io.BytesIO:
    """The same members without compression, each cut to the size it declared: a member may unpack
    to more than it declares, and python-docx would unpack all of it."""
    repacked = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as archive,
            zipfile.ZipFile(repacked, "w", zipfile.ZIP_STORED) as copy,
        ):
            _check_members(archive.infolist(), len(data))
            for name in dict.fromkeys(archive.namelist()):
                copy.writestr(name, _content(archive, name))
    except _UNZIPPABLE as error:
        raise DocumentUnreadable(_BROKEN, code="damaged") from error
    return repacked


def _check_members(members: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or total > min(MAX_UNCOMPRESSED, MAX_RATIO * packed):
        raise DocumentUnreadable(_BOMB, code="zip_bomb")
    if any(member.compress_type not in _PACKINGS for member in members):
        raise DocumentUnreadable(_BROKEN, code="damaged")
    if any(member.flag_bits & 1 for member in members):
        raise DocumentUnreadable(
            "the Word document is encrypted: remove its password and upload it again",
            code="encrypted",
        )


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    """At most the declared size; `archive.read` would unpack everything before it cuts."""
    with archive.open(name) as stream:
        content = b"".join(iter(lambda: stream.read(_PIECE), b""))
    is_xml = name.lower().endswith((".xml", ".rels"))
    if is_xml and any(mark in content for mark in _DOCTYPES):
        raise DocumentUnreadable(
            "the Word document declares XML entities, which is not allowed", code="xml_entities"
        )
    return content


def _blocks(document: Document) -> Iterator[Block]:
    from docx.table import Table

    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part)
        else:
            yield _paragraph(part)


def _rows(table: Table) -> Iterator[Block]:
    for row in table.rows:
        cells = {id(cell._tc): " ".join(cell.text.split()) for cell in row.cells}
        yield Block(BlockKind.ROW, " | ".join(cells.values()))


def _paragraph(paragraph: Paragraph) -> Block:
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    text = paragraph.text.strip()
    if style.startswith("Heading ") and style[-1].isdigit():
        return Block(BlockKind.HEADING, text, min(int(style[-1]), 6))
    if style == "Title":
        return Block(BlockKind.HEADING, text, 1)
    numbered = paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None
    is_item = numbered or style.startswith("List")
    return Block(BlockKind.ITEM if is_item else BlockKind.PARAGRAPH, text)
