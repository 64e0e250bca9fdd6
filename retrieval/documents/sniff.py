"""What a file really is, told from its bytes and compared with what it was declared to be."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from retrieval.errors import DocumentUnreadable

Format = Literal["markdown", "text", "html", "docx", "pdf"]
Family = Literal["text", "html", "docx", "pdf", "zip", "ole", "binary"]

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BY_MIME: dict[str, Format] = {
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    _DOCX: "docx",
}
_BY_SUFFIX: dict[str, Format] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
_UNDECLARED = ("", "application/octet-stream", "binary/octet-stream")
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_HTML_TAG = re.compile(rb"<[a-z][a-z0-9]*[\s>/]", re.I)
_HEAD = 4096
_ACCEPTED = "accepted are Markdown, plain text, HTML, DOCX and PDF"


def format_of(data: bytes, filename: str, declared_mime: str | None) -> Format:
    """Return the format to parse the bytes as.

    Raises:
        DocumentUnreadable: the declared type is not accepted, or the content is something else.
    """
    declared = _declared(filename, declared_mime)
    family = family_of(data)
    if not _agree(declared, family, data):
        raise DocumentUnreadable(
            f"the file is declared as {declared} but its content is {_NAMES[family]}: "
            "upload it with its own type and extension",
            code="type_mismatch",
        )
    return declared


_NAMES: dict[Family, str] = {
    "text": "plain text or Markdown",
    "html": "an HTML page",
    "docx": "a Word document",
    "pdf": "a PDF",
    "zip": "a ZIP archive",
    "ole": "an old Office or an encrypted Office file",
    "binary": "binary data",
}


def _declared(filename: str, declared_mime: str | None) -> Format:
    mime = (declared_mime or "").split(";")[0].strip().lower()
    by_suffix = _BY_SUFFIX.get(PurePosixPath(filename.replace("\\", "/")).suffix.lower())
    declared = by_suffix if mime in _UNDECLARED else _BY_MIME.get(mime)
    if declared is None:
        raise DocumentUnreadable(f"this type of file is not accepted; {_ACCEPTED}", code="type")
    if declared == "text" and by_suffix == "markdown":
        return "markdown"
    return declared


def _agree(declared: Format, family: Family, data: bytes) -> bool:
    if declared == "html":
        return family == "html" or (family == "text" and bool(_HTML_TAG.search(data)))
    if declared in ("markdown", "text"):
        return family == "text"
    return declared == family


def family_of(data: bytes) -> Family:
    """Tell the family of a file from its first bytes."""
    head = data[:_HEAD]
    if head.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if b"word/document.xml" in data else "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "ole"
    if _HTML_START.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "html"
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "binary" if b"\x00" in head and not is_utf16 else "text"
