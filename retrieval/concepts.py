"""What a text is about, in words both languages share: `lexicon.toml` as a bridge.

Colloquial questions rarely use a clause's own words and English questions share none with a
Chinese clause. Phrases that mean the same to a community lend both sides one name to meet under.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from retrieval.segment import HAN, normalise, stem
from retrieval.types import FloatVector

LEXICON = "lexicon.toml"

_BASE = 8.0
"""Weight of evidence (sum of idf) at which a query's concepts count half: one shared concept of a
short query must not outvote the vectors."""

_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(rf"(?:(?![{HAN}])[^\W_])+")

_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases of each script with the names they stand for."""

    chinese: Mapping[str, str]
    latin: Mapping[_Words, str]
    longest: int

    def concepts(self, text: str) -> frozenset[str]:
        """Return the names of all phrases found in a text."""
        plain = normalise(text)
        found = {name for phrase, name in self.chinese.items() if phrase in plain}
        words = _words(plain)
        spans = (words[i : i + n] for i in range(len(words)) for n in range(1, self.longest + 1))
        return frozenset(found | {self.latin[span] for span in spans if span in self.latin})


@cache
def shipped() -> Lexicon:
    """Read the phrases that come with the package."""
    stored = tomllib.loads(files("retrieval").joinpath(LEXICON).read_text(encoding="utf-8"))
    pairs = list(_pairs(stored))
    latin = {_words(phrase): name for phrase, name in pairs if not _HAN.search(phrase)}
    chinese = {phrase: name for phrase, name in pairs if _HAN.search(phrase)}
    return Lexicon(chinese, latin, max(map(len, latin)))


def _pairs(stored: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[tuple[str, str]]:
    for section in stored.values():
        for name, phrases in section.items():
            yield from ((normalise(phrase), name) for phrase in phrases)


def _words(plain: str) -> _Words:
    return tuple(stem(word) for word in _WORD.findall(plain))


class ConceptIndex:
    """Which clause shares how much of a query's concepts; rare concepts weigh more."""

    def __init__(self, texts: Sequence[str], lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or shipped()
        found = [self._lexicon.concepts(text) for text in texts]
        self._rows = {name: i for i, name in enumerate(sorted(frozenset().union(*found)))}
        self._held = np.zeros((len(self._rows), len(found)), dtype=np.float32)
        for column, names in enumerate(found):
            self._held[[self._rows[name] for name in names], column] = 1.0
        frequency = self._held.sum(axis=1)
        self._idf = np.log1p((len(found) - frequency + 0.5) / (frequency + 0.5))
        self._unseen = float(np.log1p((len(found) + 0.5) / 0.5))

    def shares(self, query: str) -> FloatVector:
        """Return for every text the share of the query's concepts it holds, 0 to below 1."""
        names = self._lexicon.concepts(query)
        known = [self._rows[name] for name in names if name in self._rows]
        reachable = float(self._idf[known].sum()) + self._unseen * (len(names) - len(known))
        shared = self._idf[known] @ self._held[known]
        return np.asarray(shared / (reachable + _BASE), dtype=np.float32)
