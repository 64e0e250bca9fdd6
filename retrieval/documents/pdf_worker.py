"""Runs alone in a child process: reads a PDF on stdin, writes its pages as JSON on stdout.

A hostile PDF can spin or swallow memory inside one page, where no check between pages helps;
a process can be stopped from outside. Usage: `python -I pdf_worker.py MAX_PAGES MAX_MEMORY_BYTES`.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from typing import TypedDict


class Result(TypedDict):
    """Pages of text, or the code of what is wrong."""

    pages: list[str]
    problem: str | None


def _limit_memory(size: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def read(data: bytes, max_pages: int) -> Result:
    """Extract the text of every page."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            return {"pages": [], "problem": "encrypted"}
        if len(reader.pages) > max_pages:
            return {"pages": [], "problem": "too_many_pages"}
        return {"pages": [page.extract_text() for page in reader.pages], "problem": None}
    except MemoryError:
        return {"pages": [], "problem": "too_large"}
    except Exception:
        # pypdf raises many kinds of errors on damaged files; all mean the same to the sender
        return {"pages": [], "problem": "damaged"}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    _limit_memory(int(sys.argv[2]))
    result = read(sys.stdin.buffer.read(), int(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(result).encode())
