"""Families of phrases from a TOML file as patterns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from retrieval.segment import HAN

_APOSTROPHES = str.maketrans("’‘", "''")
_HAN = re.compile(f"[{HAN}]")


def plain(text: str) -> str:
    """The form the patterns are matched against."""
    return text.lower().translate(_APOSTROPHES)


@cache
def families(file: str, package: str = "service.drafting.support") -> Mapping[str, re.Pattern[str]]:
    """Each family of a package's file as one pattern, longest phrases first.

    Chinese phrases match anywhere, others as whole words, with an open end after a "*".
    """
    raw = tomllib.loads((files(package) / file).read_text(encoding="utf-8"))
    return {name: _pattern((*lists["zh"], *lists["en"])) for name, lists in raw.items()}


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_one, sorted(phrases, key=len, reverse=True))))


def _one(phrase: str) -> str:
    if _HAN.search(phrase) or not phrase[0].isalnum():
        return re.escape(phrase)
    end = "" if phrase.endswith("*") else r"(?![a-z])"
    return rf"(?<![a-z]){re.escape(phrase.removesuffix('*'))}{end}"
