"""Plain text to blocks; also the lines of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.documents.model import Block, BlockKind
from retrieval.segment import HAN

_WIDE = re.compile(rf"[{HAN}\u3000-\u303f\uff00-\uffef]")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_BULLET = re.compile(r"^\s*[-*•·●▪◦]\s+(?=\S)")
_DIVISION = re.compile(
    r"^\s*(?:第[〇零一二三四五六七八九十百千\d]{1,6}(?P<zh>[编編章节節])(?:\s|$|[:：])"
    r"|(?P<en>part|chapter)\s+(?:\d+|[ivxlc]+)\b).{0,60}$",
    re.I,
)
_LEVELS = {"编": 1, "編": 1, "part": 1, "章": 2, "chapter": 2, "节": 3, "節": 3}
_SENTENCE_END = tuple("。！？；.!?;")
_PARAGRAPH_END = tuple("。！？：")


def collapse(text: str) -> str:
    """Join the lines of a text: a break inside Chinese vanishes, other white space becomes one.

    Linear in the text whatever it holds; a regular expression would not be.
    """
    joined: list[str] = []
    for line in filter(None, (" ".join(line.split()) for line in text.split("\n"))):
        if joined and not (_WIDE.match(joined[-1][-1]) and _WIDE.match(line)):
            joined.append(" ")
        joined.append(line)
    return "".join(joined)


def blocks_of_text(text: str) -> Iterator[Block]:
    """Yield paragraphs, bullet items and division headings (第二章, Chapter 2) in order."""
    for paragraph in _PARAGRAPHS.split(text):
        yield from _blocks_of_lines(paragraph.strip("\n").split("\n"))


def _blocks_of_lines(lines: list[str]) -> Iterator[Block]:
    group: list[str] = []
    for line in filter(str.strip, lines):
        if group and (_opens_block(line) or _closes_block(group)):
            yield _block(group)
            group = []
        group.append(line.strip())
    if group:
        yield _block(group)


def _opens_block(line: str) -> bool:
    return bool(_BULLET.match(line) or _division_level(line))


def _closes_block(lines: list[str]) -> bool:
    return lines[-1].endswith(_PARAGRAPH_END) or _division_level(lines[0]) > 0


def _block(lines: list[str]) -> Block:
    if level := _division_level(lines[0]):
        return Block(BlockKind.HEADING, lines[0], level)
    kind = BlockKind.ITEM if _BULLET.match(lines[0]) else BlockKind.PARAGRAPH
    return Block(kind, _BULLET.sub("", "\n".join(lines)))


def _division_level(line: str) -> int:
    match = _DIVISION.match(line)
    if match is None or line.rstrip().endswith(_SENTENCE_END):
        return 0
    return _LEVELS[(match["zh"] or match["en"]).lower()]
