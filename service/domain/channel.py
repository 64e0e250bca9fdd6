"""Places a community's texts go to, and what each takes."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from service.domain.base import Bilingual, Frozen


class Markup(StrEnum):
    """What a platform renders; `plain` shows marks as they stand."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    LIGHT = "light"
    """Bold, lists, code and links, but no headings and no tables."""


class Unit(StrEnum):
    """What a platform counts."""

    CHARS = "chars"
    BYTES = "bytes"
    """Of UTF-8; a Chinese character is three."""


class Platform(Frozen):
    """What is known of one platform. A limit of None is none that matters."""

    id: str
    title: Bilingual
    markup: Markup
    most: int | None = None
    unit: Unit = Unit.CHARS
    advised: int | None = None
    """Characters beyond which people stop reading there."""
    title_most: int | None = None
    """Characters of the first line, where that is a title of its own."""
    links: bool = True
    picture: bool = False
    """A post needs one."""
    manual: bool = False
    """No interface sends there for a community: a person posts and confirms."""
    per_day: int | None = None
    """Posts a day that members bear; the calendar warns beyond."""


class Channel(Frozen):
    """One of a community's own channels; `name` is what briefs and messages call it."""

    name: str = Field(min_length=1, max_length=200)
    platform: str = Field(min_length=1, max_length=40)
    quiet_from: int | None = Field(None, ge=0, le=23, description="Local hour; with quiet_to.")
    quiet_to: int | None = Field(None, ge=0, le=23)

    def quiet_at(self, hour: int) -> bool:
        """Whether a local hour lies in the quiet time, also one over midnight."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to
