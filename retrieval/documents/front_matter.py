"""The YAML block at the head of a Markdown or text document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from retrieval.errors import DocumentUnreadable

_FENCED = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_MAX_CHARS = 8192


def split_front_matter(text: str) -> tuple[Mapping[str, str], str]:
    """Return the scalar entries of the front matter as text, and the text after it.

    A document that opens with a rule (`---`) but holds no mapping has no front matter.

    Raises:
        DocumentUnreadable: the block is not valid YAML.
    """
    match = _FENCED.match(text)
    if match is None or len(match[1]) > _MAX_CHARS:
        return {}, text
    entries = _load(match[1])
    if not isinstance(entries, dict):
        return {}, text
    return _scalars(entries), text[match.end() :]


def _load(block: str) -> object:
    import yaml

    try:
        return yaml.safe_load(block)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DocumentUnreadable(
            "the front matter between the --- lines is not valid YAML: correct or remove it",
            code="front_matter",
        ) from error


def _scalars(entries: dict[object, object]) -> dict[str, str]:
    return {
        str(key): str(value).strip()
        for key, value in entries.items()
        if isinstance(value, str | int | float | bool | date)
    }
