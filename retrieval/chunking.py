"""Parsed documents to clauses with stable ids.

A clause starts at an explicit number (see `numbering`). Elsewhere each paragraph is a clause,
numbered after its section and its place there (`4.p2`). List items and table rows stay with the
paragraph before them; under a numbered heading, and under an FAQ question, everything up to the
next number or heading is one clause. Long clauses are split at sentence ends (`3.2`, `3.2-2`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from retrieval.documents.model import Block, BlockKind, ParsedDocument
from retrieval.documents.plain import collapse
from retrieval.language import detect
from retrieval.numbering import Number, Style, join_labels, leading_number
from retrieval.splitting import split_long
from retrieval.types import Clause, DocumentKind

_MAX_HEADING = 200
"""A longer heading is a paragraph in disguise; it must not be repeated on every clause."""

_INTRODUCES = (":", "：")
_LINE_END = tuple("。！？；：.!?;:")
_QUESTION = re.compile(r"^(?:Q|问|問)\s*[:：]\s*(?=\S)", re.I)
_OPENER = re.compile(r"^第.{1,8}[条條]")


@dataclass(slots=True)
class _Draft:
    """A clause being gathered; `style` is None without an explicit number."""

    label: str
    path: tuple[str, ...]
    style: Style | None
    lines: list[str] = field(default_factory=list)

    @property
    def introduces_list(self) -> bool:
        return self.lines[0].endswith(_INTRODUCES)

    @property
    def is_unfinished(self) -> bool:
        return self.lines[-1].endswith(_INTRODUCES)


@dataclass(slots=True)
class _Section:
    """A heading with the counters of what stands under it."""

    level: int
    text: str
    label: str
    path: tuple[str, ...]
    style: Style | None = None
    is_question: bool = False
    children: int = 0
    paragraphs: int = 0
    used: bool = False


def clauses_of(
    parsed: ParsedDocument, *, slug: str, document_id: str, version: int, kind: DocumentKind
) -> tuple[Clause, ...]:
    """Cut a document into clauses `<slug>#<number>`; the same input gives the same clauses.

    The language of a clause is detected; where it has none (numbers, names), the document's
    front matter decides.
    """
    reader = _Reader(parsed.title, kind)
    for block in parsed.blocks:
        reader.read(block)
    fallback = parsed.front_matter.get("lang", "other")
    frame = Clause("", document_id, version, kind, "", (), "", fallback, "")
    numbered = _unique(_parts(reader.finish()))
    return tuple(
        _clause(frame, slug, number, path, text, position)
        for position, (number, path, text) in enumerate(numbered)
    )


def content_hash(headings: Sequence[str], text: str) -> str:
    """SHA-256 (hex) of heading path and text."""
    return hashlib.sha256("\n".join((*headings, text)).encode()).hexdigest()


def _clause(
    frame: Clause, slug: str, number: str, path: tuple[str, ...], text: str, position: int
) -> Clause:
    detected = detect(text)
    return replace(
        frame,
        id=f"{slug}#{number}",
        number=number,
        headings=path,
        text=text,
        lang=frame.lang if detected == "other" else detected,
        content_hash=content_hash(path, text),
        position=position,
    )


_Part = tuple[str, tuple[str, ...], str]


def _parts(drafts: Iterable[_Draft]) -> Iterator[_Part]:
    """Split long drafts; the second part of 3.2 is 3.2-2."""
    seen: dict[str, int] = {}
    for draft in drafts:
        seen[draft.label] = seen.get(draft.label, 0) + 1
        repeated = f"~{seen[draft.label]}" if seen[draft.label] > 1 else ""
        for index, text in enumerate(split_long("\n".join(draft.lines)), start=1):
            yield draft.label + repeated + (f"-{index}" if index > 1 else ""), draft.path, text


def _unique(parts: Iterable[_Part]) -> Iterator[_Part]:
    taken: set[str] = set()
    for number, path, text in parts:
        while number in taken:
            number += "~"
        taken.add(number)
        yield number, path, text


class _Reader:
    """Walks the blocks, keeping the open sections and the open draft."""

    def __init__(self, title: str, kind: DocumentKind) -> None:
        path = (title,) if title else ()
        self._sections = [_Section(0, title, "", path, used=True)]
        self._kind = kind
        self._drafts: list[_Draft] = []
        self._open: _Draft | None = None
        self._questions = 0

    def read(self, block: Block) -> None:
        if block.kind is BlockKind.HEADING and len(block.text) <= _MAX_HEADING:
            self._heading(block)
            return
        kind = BlockKind.PARAGRAPH if block.kind is BlockKind.HEADING else block.kind
        self._sections[-1].used = True
        for lines in _pieces(block.text):
            self._piece(collapse("\n".join(lines)), kind)

    def finish(self) -> list[_Draft]:
        while len(self._sections) > 1:
            self._close_section()
        return [draft for draft in self._drafts if draft.lines]

    def _heading(self, block: Block) -> None:
        while self._sections[-1].level >= block.level:
            self._close_section()
        self._open = None
        parent, text = self._sections[-1], collapse(block.text)
        if text == parent.text and parent.level == 0:
            return
        parent.children, parent.used = parent.children + 1, True
        self._sections.append(self._section(parent, text, block.level))

    def _section(self, parent: _Section, text: str, level: int) -> _Section:
        number = leading_number(text, heading=True)
        label = number.label if number else str(parent.children)
        if number is None or not number.is_strong:
            label = join_labels(parent.label, label)
        is_question = self._kind is DocumentKind.FAQ and (
            text.endswith(("?", "？")) or (number is not None and number.is_strong)
        )
        style = number.style if number else None
        return _Section(level, text, label, (*parent.path, text), style, is_question)

    def _close_section(self) -> None:
        """A heading with nothing under it is a clause of its own."""
        section = self._sections.pop()
        if not section.used:
            draft = _Draft(section.label, section.path[:-1], section.style, [section.text])
            self._drafts.append(draft)

    def _piece(self, text: str, kind: BlockKind) -> None:
        number = leading_number(text)
        if self._sections[-1].is_question:
            self._attach_or_open(text, self._sections[-1].label)
        elif number is not None and self._opens(number):
            self._open_numbered(number, text)
        elif match := _QUESTION.match(text):
            self._questions += 1
            self._start(f"Q{self._questions}", "strong", text[match.end() :])
        else:
            self._unnumbered(text, kind)

    def _opens(self, number: Number) -> bool:
        if number.is_strong:
            return True
        if self._open is None:
            return self._sections[-1].style != "strong"
        if self._open.style is None:
            return not self._open.introduces_list
        return self._open.style == number.style

    def _open_numbered(self, number: Number, text: str) -> None:
        label = number.label
        if not number.is_strong:
            label = join_labels(self._sections[-1].label, label)
        self._start(label, number.style, number.rest or text)

    def _unnumbered(self, text: str, kind: BlockKind) -> None:
        section, draft = self._sections[-1], self._open
        if section.style is not None and draft is None:
            self._start(section.label, section.style, text)
        elif draft is not None and (
            draft.style is not None or kind is not BlockKind.PARAGRAPH or draft.is_unfinished
        ):
            draft.lines.append(text)
        else:
            section.paragraphs += 1
            label = f"{section.label}.p{section.paragraphs}".lstrip(".")
            self._start(label, None, text)

    def _attach_or_open(self, text: str, label: str) -> None:
        if self._open is None:
            self._start(label, "strong", text)
        else:
            self._open.lines.append(text)

    def _start(self, label: str, style: Style | None, text: str) -> None:
        self._open = _Draft(label, self._sections[-1].path, style, [text])
        self._drafts.append(self._open)


def _pieces(text: str) -> Iterator[list[str]]:
    """Split a block before lines that begin with a number after a finished line."""
    piece: list[str] = []
    for line in text.split("\n"):
        if piece and _begins_piece(piece[-1], line):
            yield piece
            piece = []
        piece.append(line)
    yield piece


def _begins_piece(previous: str, line: str) -> bool:
    if _OPENER.match(line) or _QUESTION.match(line):
        return True
    return previous.rstrip().endswith(_LINE_END) and leading_number(line) is not None
