"""HTML to blocks: what a reader sees, without scripts, styles, comments and hidden parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.model import Block, BlockKind
from retrieval.documents.plain import collapse
from retrieval.errors import DocumentUnreadable

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_DROPPED = ("script", "style", "noscript", "template", "iframe", "object", "svg", "head")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_NAMES = """
address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer
form header hr html li main nav ol p pre section summary table tbody tfoot thead ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())


def blocks_of_html(text: str) -> tuple[str, list[Block]]:
    """Return the page's `<title>` (empty if none) and its blocks in order.

    Entities outside HTML are never resolved and nothing is fetched.

    Raises:
        DocumentUnreadable: the elements are nested too deeply to be a page for people.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "lxml")
    title = collapse(soup.title.get_text()) if soup.title else ""
    _drop_invisible(soup)
    collector = _Collector()
    try:
        collector.walk(soup)
    except RecursionError as error:
        raise DocumentUnreadable(
            "the HTML is nested too deeply: save the page as plain text and upload that",
            code="nesting",
        ) from error
    collector.flush()
    return title, collector.blocks


def _drop_invisible(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    for tag in soup.find_all(hidden=True):
        tag.decompose()


class _Collector:
    """Gathers inline text until a block boundary and makes a block of it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._inline: list[str] = []
        self._kind = BlockKind.PARAGRAPH

    def walk(self, tag: Tag) -> None:
        from bs4 import Tag
        from bs4.element import PreformattedString

        for child in tag.children:
            if isinstance(child, Tag):
                self._enter(child)
            elif not isinstance(child, PreformattedString):
                self._inline.append(str(child).replace("\n", " "))

    def _enter(self, tag: Tag) -> None:
        if tag.name == "br":
            self._inline.append("\n")
        elif tag.name in _HEADINGS:
            self._add(BlockKind.HEADING, tag.get_text(" "), _HEADINGS[tag.name])
        elif tag.name == "tr":
            cells = (collapse(cell.get_text(" ")) for cell in tag.find_all(["td", "th"]))
            self._add(BlockKind.ROW, " | ".join(cells))
        elif tag.name in _BLOCKS:
            self.flush()
            self._kind = BlockKind.ITEM if tag.name == "li" else self._kind
            self.walk(tag)
            self.flush()
        else:
            self.walk(tag)

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        self.flush()
        if collapse(text).strip(" |"):
            self.blocks.append(Block(kind, collapse(text), level))

    def flush(self) -> None:
        lines = map(collapse, "".join(self._inline).split("\n"))
        text = "\n".join(line for line in lines if line)
        if text:
            self.blocks.append(Block(self._kind, text))
            self._kind = BlockKind.PARAGRAPH
        self._inline = []
