"""Texts beside the taxonomy's that heads are trained on: danger told plainly, unclear texts, and
talk for and against prejudice."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("bank")
ORDINARY = "ordinary"
"""Code of harmless texts that use the words of danger."""


class Risk(NamedTuple):
    """A kind of danger with texts that tell of it; `category` is demanded where one is named."""

    code: str
    floor: int
    category: str | None
    texts: tuple[str, ...]


class Stances(NamedTuple):
    """Texts of one topic that speak against prejudice or tell of it, and hostile ones that use the
    same words."""

    topic: str
    against: tuple[str, ...]
    hostile: tuple[str, ...]


@cache
def load_risks(file: Path = FOLDER / "risk.toml") -> tuple[Risk, ...]:
    """The kinds of danger, `ordinary` among them."""
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["risk"]
    return tuple(
        Risk(e["code"], e.get("floor", 0), e.get("category"), (*e["zh"], *e["en"])) for e in entries
    )


@cache
def load_stances(file: Path = FOLDER / "stance.toml") -> tuple[Stances, ...]:
    """Texts by how they stand to prejudice; a topic may come more than once."""
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["topic"]
    return tuple(
        Stances(
            entry["id"],
            (*entry["against_zh"], *entry.get("against_en", ())),
            (*entry["hostile_zh"], *entry.get("hostile_en", ())),
        )
        for entry in entries
    )


@cache
def load_unclear(file: Path = FOLDER / "unclear.toml") -> tuple[str, ...]:
    """Texts that say too little to be given a category."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return (*content["zh"], *content["en"])


def stamp(*texts: str) -> str:
    """A hash that changes with any of the texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
