"""Which marks of permission, duty, reach and exception a text carries; from `marks.toml`."""

from __future__ import annotations

from typing import NamedTuple

from service.drafting.support.phrases import families, plain

FILE = "marks.toml"

_MODALITIES = ("exemption", "prohibition", "permission", "obligation")
OPPOSED = frozenset(
    {
        frozenset({"permission", "prohibition"}),
        frozenset({"obligation", "exemption"}),
        frozenset({"prohibition", "exemption"}),
    }
)


class Marks(NamedTuple):
    """Names of the families found, and how many negations there are."""

    families: frozenset[str]
    negations: int

    @property
    def modality(self) -> str:
        """The strongest of what it makes of its subject; "" where it merely states."""
        return next((name for name in _MODALITIES if name in self.families), "")


def marks_of(text: str) -> Marks:
    """The marks of a sentence or a part of one."""
    patterns = families(FILE)
    bare = patterns["blank"].sub(" ", plain(text))
    found = (name for name, pattern in patterns.items() if pattern.search(bare))
    return Marks(frozenset(found), len(patterns["negation"].findall(bare)))


def places_of(text: str, family: str) -> tuple[tuple[int, int], ...]:
    """Where a text has the marks of a family, start and end in characters."""
    patterns = families(FILE)
    bare = patterns["blank"].sub(lambda found: " " * len(found[0]), plain(text))
    return tuple(found.span() for found in patterns[family].finditer(bare))


def opposed(one: Marks, other: Marks) -> bool:
    """Whether one permits or spares what the other forbids or demands."""
    return frozenset({one.modality, other.modality}) in OPPOSED


def negated_apart(one: Marks, other: Marks) -> bool:
    """Whether one of them denies and the other does not; two denials undo each other."""
    return one.negations % 2 != other.negations % 2
