"""Texts the head of injected orders learns from: whole ones, and sentences known to be orders."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from service.triage.clauses import windows

FILE = Path(__file__).with_name("bank") / "orders.toml"
LANGUAGES = ("zh", "en")


class OrderText(NamedTuple):
    """A text, whether it orders a model about, and the passage that does where it is known."""

    text: str
    order: bool
    passage: str | None = None


class Sentence(NamedTuple):
    """A part of a text, or a short text as a whole, and whether it is an order."""

    text: str
    order: bool


@cache
def own_orders(file: Path = FILE) -> tuple[OrderText, ...]:
    """Those written for this product: by themselves, and put into letters about something else."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(text for lang in LANGUAGES for text in _of_language(content, lang))


def _of_language(content: dict[str, Any], lang: str) -> Iterator[OrderText]:
    orders, tasks = content["order"][lang], content["task"][lang]
    letters, ordinary = content["letter"][lang], content["ordinary"][lang]
    yield from (OrderText(order, True, order) for order in orders)
    yield from (OrderText(text, False) for text in (*ordinary, *tasks, *letters))
    for number, passage in enumerate((*orders, *tasks)):
        letter = letters[number % len(letters)]
        yield OrderText(_hidden(passage, letter.split("\n"), number), True, passage)


def _hidden(passage: str, lines: Sequence[str], number: int) -> str:
    """The passage as a line of its own: before the letter, after it, or in between, by turns."""
    place = (0, len(lines), 1 + number % max(1, len(lines) - 1))[number % 3]
    return "\n".join((*lines[:place], passage, *lines[place:]))


def sentences_of(texts: Sequence[OrderText]) -> list[Sentence]:
    """What is known of sentences: passages that order, all others around them, every one of a
    harmless text, and attacks of one sentence. Nothing is known of those of longer attacks."""
    known = (sentence for text in texts for sentence in _known(text))
    return list(dict.fromkeys(known))


def _known(text: OrderText) -> Iterator[Sentence]:
    if text.passage is not None:
        yield Sentence(text.passage, True)
        around = text.text.split(text.passage, 1)
        parts = (window.text for part in around for window in windows(part))
        yield from (Sentence(part, False) for part in parts if part)
        return
    found = windows(text.text)
    if not text.order or len(found) == 1:
        yield from (Sentence(window.text, text.order) for window in found)
