"""Families of phrases that reserve a message for a person, from `holds.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_APOSTROPHES = str.maketrans("’‘", "''")


class Family(BaseModel):
    """One kind of matter; see the head of `holds.toml` for how its lists work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    hold: Literal["human", "legal"]
    phrase: str
    any: tuple[str, ...] = ()
    with_: tuple[str, ...] = Field(default=(), alias="with")
    unless: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()

    def holds(self, text: str, category: str | None) -> bool:
        """Whether a lower-cased text belongs to the family."""
        if _occurs(self.unless, text):
            return False
        if not self.any:
            return category in self.categories
        beside = not self.with_ or category in self.categories or _occurs(self.with_, text)
        return beside and _occurs(self.any, text)


def family_of(text: str, category: str | None) -> Family | None:
    """The first family, in the file's order, that holds a message."""
    plain = text.lower().translate(_APOSTROPHES)
    return next((family for family in families() if family.holds(plain, category)), None)


@cache
def families() -> tuple[Family, ...]:
    """All families, most serious first."""
    raw = tomllib.loads((files("service.drafting") / "holds.toml").read_text(encoding="utf-8"))
    return tuple(Family(**given) for given in raw["family"])


def _occurs(phrases: tuple[str, ...], text: str) -> bool:
    return bool(phrases) and _pattern(phrases).search(text) is not None


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_one, phrases)))


def _one(phrase: str) -> str:
    if not phrase.isascii():
        return re.escape(phrase)
    end = "" if phrase.endswith("*") else r"(?![a-z0-9])"
    return rf"(?<![a-z0-9]){re.escape(phrase.removesuffix('*'))}{end}"
