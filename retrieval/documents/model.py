"""What a parsed document is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_BYTES = 5 * 1024 * 1024
"""Largest upload accepted, bytes."""

MAX_BLOCKS = 20_000
MAX_CHARS = 2_000_000


class BlockKind(StrEnum):
    """The role of one piece of text."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of text; line breaks inside it are those of the source.

    `level` is 1..6 for headings and 0 otherwise.
    """

    kind: BlockKind
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """Title, front matter (scalar values as text) and blocks in reading order."""

    title: str
    front_matter: Mapping[str, str]
    blocks: tuple[Block, ...]
