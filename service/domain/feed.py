"""News items, read from a feed by somebody outside: hostile text with a link."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from service.domain.base import Frozen

MOST_ITEMS = 30
MOST_TITLE = 200
MOST_SUMMARY = 300


class FeedItem(Frozen):
    """One item; title and summary hold no link, so that only `link` can be repeated as one."""

    title: str = Field(min_length=1, max_length=MOST_TITLE)
    link: str = Field(min_length=1, max_length=500)
    day: date | None = None
    summary: str = Field("", max_length=MOST_SUMMARY)


def to_lines(items: tuple[FeedItem, ...]) -> str:
    """The normal form in a brief: one JSON object a line."""
    return "\n".join(item.model_dump_json() for item in items)


def from_lines(text: str) -> tuple[FeedItem, ...]:
    """Back again.

    Raises:
        ValueError: a line is no item.
    """
    return tuple(FeedItem.model_validate_json(line) for line in text.split("\n") if line.strip())
