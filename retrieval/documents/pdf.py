"""PDF to blocks, extracted in a child process under limits of time, memory and pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.documents.model import Block
from retrieval.documents.plain import blocks_of_text
from retrieval.errors import DocumentUnreadable

if TYPE_CHECKING:
    from retrieval.documents.pdf_worker import Result

MAX_PAGES = 300
MAX_SECONDS = 30.0
MAX_MEMORY = 1024 * 1024 * 1024
_WORKER = Path(__file__).with_name("pdf_worker.py")
_PAGE_NUMBER = re.compile(
    r"^\s*(?:[-–—]?\s*\d{1,4}\s*[-–—]?|第\s*\d+\s*页.*|page\s+\d+.*)\s*$", re.I
)
_MAX_PAGE_NUMBER = 60
_PROBLEMS = {
    "encrypted": "the PDF is encrypted: remove its password and upload it again",
    "too_many_pages": f"the PDF has more than {MAX_PAGES} pages: upload it in parts",
    "too_large": "the PDF needs too much memory to read: upload it as text or in parts",
    "timeout": "the PDF takes too long to read: upload it as text or in parts",
    "damaged": "the PDF is damaged: print it to a new PDF and upload that",
    "no_text": "the PDF holds no text, it is probably scanned: upload a version with text",
}


def blocks_of_pdf(data: bytes, *, timeout_s: float = MAX_SECONDS) -> list[Block]:
    """Return the paragraphs of all pages; lines that only hold a page number are dropped.

    Raises:
        DocumentUnreadable: encrypted, damaged, scanned, or beyond the limits.
    """
    result = _extract(data, timeout_s)
    problem = result["problem"]
    if problem is None and not any(page.strip() for page in result["pages"]):
        problem = "no_text"
    if problem is not None:
        raise DocumentUnreadable(_PROBLEMS[problem], code=f"pdf_{problem}")
    return list(blocks_of_text("\n\n".join(map(_body, result["pages"]))))


def _extract(data: bytes, timeout_s: float) -> Result:
    command = [sys.executable, "-I", str(_WORKER), str(MAX_PAGES), str(MAX_MEMORY)]
    try:
        done = subprocess.run(  # noqa: S603 (fixed command, the document goes to stdin)
            command, input=data, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return {"pages": [], "problem": "timeout"}
    if done.returncode != 0:
        return {"pages": [], "problem": "too_large"}
    result: Result = json.loads(done.stdout)
    return result


def _is_page_number(line: str) -> bool:
    """Only short lines are looked at: the pattern is quadratic in white space."""
    return len(line) <= _MAX_PAGE_NUMBER and _PAGE_NUMBER.match(line) is not None


def _body(page: str) -> str:
    lines = page.replace("\x00", "").splitlines()
    return "\n".join(line for line in lines if not _is_page_number(line))
