"""Markdown to blocks; markup is dropped, list numbers are kept as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.html import blocks_of_html
from retrieval.documents.model import Block, BlockKind

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAKS = ("softbreak", "hardbreak")


def blocks_of_markdown(text: str) -> list[Block]:
    """Parse CommonMark with tables; embedded HTML gives its visible text."""
    from markdown_it import MarkdownIt

    reader = _Reader()
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        reader.read(token)
    return reader.blocks


class _Reader:
    """Turns the flat token stream into blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._kind = BlockKind.PARAGRAPH
        self._level = 0
        self._marker = ""
        self._cells: list[str] | None = None

    def read(self, token: Token) -> None:
        if token.type == "inline":
            self._inline(_visible(token))
        elif token.type in ("fence", "code_block"):
            self._add(token.content.strip())
        elif token.type == "html_block":
            self.blocks.extend(blocks_of_html(token.content)[1])
        else:
            self._structure(token)

    def _structure(self, token: Token) -> None:
        if token.type == "heading_open":
            self._kind, self._level = BlockKind.HEADING, int(token.tag[1])
        elif token.type == "list_item_open":
            self._kind = BlockKind.ITEM
            self._marker = f"{token.info}{token.markup} " if token.info else ""
        elif token.type == "tr_open":
            self._cells = []
        elif token.type == "tr_close":
            cells, self._cells = self._cells or [], None
            self._kind = BlockKind.ROW
            self._add(" | ".join(cells) if any(cells) else "")

    def _inline(self, text: str) -> None:
        if self._cells is not None:
            self._cells.append(text.replace("\n", " "))
        else:
            self._add(self._marker + text)

    def _add(self, text: str) -> None:
        if text.strip():
            self.blocks.append(Block(self._kind, text.strip(), self._level))
        self._kind, self._level, self._marker = BlockKind.PARAGRAPH, 0, ""


def _visible(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or ():
        if child.type in _BREAKS:
            parts.append("\n")
        elif child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
    return "".join(parts)
