"""The calendar as RFC 5545 text, for people's own calendars."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain.base import Lang
from service.domain.calendar import LIVE, Entry, EntryState
from service.domain.community import Community

if TYPE_CHECKING:
    from icalendar import Event

LENGTH = timedelta(minutes=30)
"""How long a post is shown; calendars want a length."""

_STATUS = {EntryState.APPROVED: "CONFIRMED", EntryState.DELIVERED: "CONFIRMED"}


def new_secret() -> str:
    """For a feed's address; only its hash is kept."""
    return secrets.token_urlsafe(24)


def hash_of(secret: str) -> str:
    """SHA-256 (hex)."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def feed(community: Community, entries: Iterable[Entry], base: str, lang: Lang) -> bytes:
    """Titles, times and links, and nothing of any draft's text."""
    from icalendar import Calendar  # slow to import, and few servers give a feed

    calendar = Calendar()
    calendar.add("prodid", "-//Huiyin//calendar//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", community.name.get(lang))
    for entry in entries:
        if entry.state in LIVE:
            calendar.add_component(_event(entry, base))
    return bytes(calendar.to_ical())


def _event(entry: Entry, base: str) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{hash_of(entry.id)[:32]}@huiyin")
    event.add("dtstamp", entry.at)
    event.add("dtstart", entry.at)
    event.add("dtend", entry.at + LENGTH)
    event.add("summary", f"{entry.title} · {entry.channel}" if entry.channel else entry.title)
    event.add("status", _STATUS.get(entry.state, "TENTATIVE"))
    event.add("url", f"{base}/tasks/{entry.task_id}" if entry.task_id else f"{base}/calendar")
    return event
