"""Finds names of people in Latin script: a stored linear head over hashed traits of words.

The score of a word is a sum: what it is, what stands around it, and how both go together. The
first two are remembered per word, so a message costs a few microseconds a word.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.triage.errors import HeadsInvalid
from service.triage.person_tokens import (
    LATIN,
    PARTICLES,
    Word,
    bucket,
    near_traits,
    own_traits,
    pair_traits,
    plain,
    shape_of,
    words_of,
)

FILE = Path(__file__).with_name("models") / "persons.npz"
LISTS = ("F", "L", "c", "k")
"""Codes of the word lists: given names, family names, common English words, and words written with
a capital that name no person (countries, languages, months, products)."""

_LATIN = re.compile(f"[{LATIN}]")
_CAPITALISED = {"Xx", "XxX", "XX", "X"}
_PLACES = ("-2", "-1", "", "+1", "+2")
_BETWEEN = {",", "and", "&", "or", "und", "y", "et"}
_LONGEST_NAME = 6
_SURER = 1.5
_VOWELS = "AEIOUaeiou"


class Person(NamedTuple):
    """A name at [start, end) of a text."""

    start: int
    end: int


class NameLists:
    """Which lists a word is on: Bloom filters, one row of bits a list, so no name is stored."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        """`bits` has shape (lists, bytes), a power of two of them."""
        self._rows = [row.tobytes() for row in bits]
        self._mask = bits.shape[1] * 8 - 1

    def codes(self, word: str) -> str:
        """Codes of the lists a folded word is on; rarely one too many."""
        places = bloom_places(word, self._mask)
        return "".join(
            code
            for code, row in zip(LISTS, self._rows, strict=True)
            if all(row[place >> 3] >> (7 - (place & 7)) & 1 for place in places)
        )


def bloom_places(word: str, mask: int) -> tuple[int, int, int, int]:
    """Bits a word sets in a filter of `mask` + 1 bits."""
    data = word.encode()
    first, second = zlib.crc32(data), zlib.crc32(b"\1" + data) | 1
    a, b, c, d = ((first + step * second) & mask for step in range(4))
    return a, b, c, d


class PersonHead:
    """Names of people in a text. Safe to share between threads; linear in the text's length."""

    def __init__(
        self, weights: Sequence[float], lists: NameLists, threshold: float, lower: float
    ) -> None:
        """`threshold` is the logit from which a word is a name, `lower` the one for a word that
        stands beside a name."""
        self._weights, self._lists = list(weights), lists
        self._threshold, self._lower = threshold, lower
        self._codes = lru_cache(maxsize=20_000)(lambda word: lists.codes(plain(word)))
        self._possible = lru_cache(maxsize=20_000)(self._may_be_name)
        self._own = lru_cache(maxsize=20_000)(self._own_score)
        self._near = lru_cache(maxsize=40_000)(self._near_score)

    def find(self, text: str) -> Iterator[Person]:
        """Names in order, none overlapping another."""
        if not _LATIN.search(text):
            return
        words = words_of(text)
        scores = {i: self.score(words, i) for i in range(len(words)) if self.candidate(words, i)}
        if not scores:
            return
        named = {i for i, score in scores.items() if score >= self._bar(words, i)}
        named |= self._repeated(words, scores, named)
        self._listed(words, scores, named)
        self._spread(words, scores, named)
        yield from _joined(words, named)

    def candidate(self, words: Sequence[Word], index: int) -> bool:
        """Whether a word may be a name: written with a capital, or known as a name; "An" before a
        vowel is the article."""
        return self._possible(words[index].text) and not _is_article(words, index)

    def _may_be_name(self, word: str) -> bool:
        if not _LATIN.match(word) or self._compound(word):
            return False
        if shape_of(word) in _CAPITALISED:
            return True
        codes = self._codes(word)
        return word in PARTICLES or ("c" not in codes and codes != "") or len(word) == 1

    def _compound(self, word: str) -> bool:
        """Whether a hyphen joins common words ("Sign-up"): where names are joined, the second
        has a capital or is no common word."""
        first, *rest = word.split("-")
        return any(part.islower() and "c" in self._codes(part) for part in rest) or (
            bool(rest) and all("c" in self._codes(part) for part in (first, *rest))
        )

    def score(self, words: Sequence[Word], index: int) -> float:
        """Logit that the word is part of a name."""
        around = [words[i].text if 0 <= i < len(words) else "" for i in range(index - 2, index + 3)]
        word = words[index]
        codes = [self._codes(text) if text else "" for text in around]
        total = self._own(word.text, word.glued)
        for place, text in zip(_PLACES, around, strict=True):
            if place:
                total += self._near(place, text)
        weights = self._weights
        return total + sum(weights[bucket(trait)] for trait in pair_traits(around, codes))

    def traits(self, words: Sequence[Word], index: int) -> list[int]:
        """Buckets of all traits the score of a word is made of: what the head is trained on."""
        around = [words[i].text if 0 <= i < len(words) else "" for i in range(index - 2, index + 3)]
        codes = [self._codes(text) if text else "" for text in around]
        found = [*own_traits(words[index], codes[2]), *pair_traits(around, codes)]
        for place, text, code in zip(_PLACES, around, codes, strict=True):
            found += near_traits(place, text, code) if place else ()
        return [bucket(trait) for trait in found]

    def _bar(self, words: Sequence[Word], index: int) -> float:
        """Typing slips and abbreviations look like rare names: without the capital of a name a
        word must be surer. People hardly ever follow "a" or "an"."""
        word = words[index].text
        unnamelike = word.islower() or (word.isupper() and len(word) > 1)
        counted = index > 0 and (words[index - 1].text == "a" or _is_article(words, index - 1))
        return self._threshold + _SURER * (unnamelike + 2 * counted)

    def _own_score(self, text: str, glued: str) -> float:
        traits = own_traits(Word(text, 0, 0, glued), self._codes(text))
        return sum(self._weights[bucket(trait)] for trait in traits)

    def _near_score(self, place: str, text: str) -> float:
        traits = near_traits(place, text, self._codes(text) if text else "")
        return sum(self._weights[bucket(trait)] for trait in traits)

    def _repeated(
        self, words: Sequence[Word], scores: dict[int, float], named: set[int]
    ) -> set[int]:
        """Other mentions of names found in the same text."""
        known = {words[i].text for i in named if len(words[i].text) > 2}
        return {i for i in scores if words[i].text in known}

    def _listed(self, words: Sequence[Word], scores: dict[int, float], named: set[int]) -> None:
        """Names in a row ("A, B and C") vouch for one another."""
        for step in (2, -2):
            for index in sorted(named, reverse=step < 0):
                place = index + step
                while self._enumerated(words, scores, place, step) and place not in named:
                    named.add(place)
                    place += step

    def _enumerated(
        self, words: Sequence[Word], scores: dict[int, float], place: int, step: int
    ) -> bool:
        between = place - step // 2
        return (
            scores.get(place, -9.0) >= self._lower
            and words[between].text in _BETWEEN
            and shape_of(words[place].text) in _CAPITALISED
        )

    def _spread(self, words: Sequence[Word], scores: dict[int, float], named: set[int]) -> None:
        """Take in the words beside a name that are rather part of it."""
        for step in (1, -1):
            for index in sorted(named, reverse=step < 0):
                place = _beside(words, index, step)
                while place in scores and scores[place] >= self._lower and place not in named:
                    named.add(place)
                    place = _beside(words, place, step)


def _is_article(words: Sequence[Word], index: int) -> bool:
    following = words[index + 1].text if index + 1 < len(words) else ""
    return words[index].text in ("an", "An") and following[:1] in _VOWELS and following != ""


def _beside(words: Sequence[Word], index: int, step: int) -> int:
    """The next word in a direction, over the full stop of an initial; -1 where a name ends."""
    place = index + step
    if 0 <= place < len(words) and words[place].text == ".":
        initial = words[index if step > 0 else place - 1].text if place else ""
        place = place + step if len(initial) == 1 else -1
    if not 0 <= place < len(words) or not words[place].text[0].isalpha():
        return -1
    left, right = sorted((words[index], words[place]), key=lambda word: word.start)
    return place if right.start - left.end <= 2 else -1


def _joined(words: Sequence[Word], named: set[int]) -> Iterator[Person]:
    """Names of words that stand side by side."""
    order, run = sorted(named), list[int]()
    for index in order:
        if run and (_beside(words, run[-1], 1) != index or len(run) == _LONGEST_NAME):
            yield from _person(words, run)
            run = []
        run.append(index)
    if run:
        yield from _person(words, run)


def _person(words: Sequence[Word], run: list[int]) -> Iterator[Person]:
    while run and (words[run[0]].text in PARTICLES or words[run[-1]].text in PARTICLES):
        run = run[1:] if words[run[0]].text in PARTICLES else run[:-1]
    letters = sum(len(words[index].text) for index in run)
    if letters > 1:
        yield Person(words[run[0]].start, words[run[-1]].end)


def load_person_head(file: Path = FILE) -> PersonHead:
    """Read the stored head.

    Raises:
        HeadsInvalid: the file is missing or damaged.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            about = json.loads(str(data["about"]))
            lists = NameLists(data["lists"])
            weights = data["weights"].astype(np.float32).tolist()
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        message = f"{file.name} cannot be read; run `python -m service.triage.train_persons`"
        raise HeadsInvalid(message, file=str(file)) from error
    return PersonHead(weights, lists, about["threshold"], about["lower"])


def store_person_head(
    weights: NDArray[np.float32], lists: NDArray[np.uint8], about: dict[str, object], file: Path
) -> None:
    """Write a head as half-precision numbers and bits; no text is stored."""
    np.savez_compressed(
        file, weights=weights.astype(np.float16), lists=lists, about=json.dumps(about)
    )
