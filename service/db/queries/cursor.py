"""Opaque cursors: the sort key of the last row shown, so that paging never skips or repeats."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from service.db.types import storable
from service.domain.views import Page
from service.errors import InvalidInput

R = TypeVar("R")
T = TypeVar("T")

MAX_LIMIT = 200
"""Rows of one page."""


class TimeKey(NamedTuple):
    """Place in a list by time."""

    at: datetime
    id: str


class ScoreKey(NamedTuple):
    """Place in a list by score."""

    score: float
    id: str


def encode(first: datetime | float, last_id: str) -> str:
    """The cursor after the row with this sort key."""
    value = first.isoformat() if isinstance(first, datetime) else first
    return base64.urlsafe_b64encode(json.dumps([value, last_id]).encode()).decode().rstrip("=")


def time_key(cursor: str | None) -> TimeKey | None:
    """Read a cursor of a list by time.

    Raises:
        InvalidInput: it is not one of ours.
    """
    if cursor is None:
        return None
    first, last_id = _decode(cursor)
    try:
        at = datetime.fromisoformat(first)
    except (TypeError, ValueError) as error:
        raise _invalid() from error
    if at.tzinfo is None:
        raise _invalid()
    return TimeKey(at, last_id)


def score_key(cursor: str | None) -> ScoreKey | None:
    """Read a cursor of a list by score.

    Raises:
        InvalidInput: it is not one of ours.
    """
    if cursor is None:
        return None
    first, last_id = _decode(cursor)
    if isinstance(first, bool) or not isinstance(first, int | float):
        raise _invalid()
    return ScoreKey(float(first), last_id)


def page(rows: Sequence[R], limit: int, show: Callable[[R], T], key: Callable[[R], str]) -> Page[T]:
    """A page of at most `limit` from rows read with one more than that."""
    shown = rows[:limit]
    cursor = key(shown[-1]) if len(rows) > limit else None
    return Page(items=tuple(map(show, shown)), cursor=cursor)


def bounded(limit: int) -> int:
    """The limit a page really has."""
    return max(1, min(limit, MAX_LIMIT))


def _decode(cursor: str) -> tuple[Any, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        first, last_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _invalid() from error
    if not isinstance(last_id, str) or last_id != storable(last_id):
        raise _invalid()
    return first, last_id


def _invalid() -> InvalidInput:
    return InvalidInput("The cursor is not one of ours; start again from the first page.")
