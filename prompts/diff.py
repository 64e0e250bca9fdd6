"""What differs between two versions of a template, partials included."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff
from typing import NamedTuple


class Source(NamedTuple):
    """The text of a version with the files it includes, by name."""

    text: str
    partials: Mapping[str, str]


def diff(template_id: str, old: Source, new: Source, *, names: tuple[str, str]) -> str:
    """A unified diff of the files, empty where they are the same; `names` tell the sides apart."""
    pairs = [(template_id, old.text, new.text)]
    for partial in sorted({*old.partials, *new.partials}):
        sides = old.partials.get(partial, ""), new.partials.get(partial, "")
        pairs.append((f"partials/{partial}", *sides))
    return "".join(_one(name, before, after, names) for name, before, after in pairs)


def _one(name: str, before: str, after: str, names: tuple[str, str]) -> str:
    old, new = (f"{name}@{side}" for side in names)
    lines = unified_diff(before.split("\n"), after.split("\n"), old, new, lineterm="")
    return "".join(f"{line}\n" for line in lines)
