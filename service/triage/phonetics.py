"""How Chinese characters sound: toneless pinyin syllables, one code point each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("bank") / "pinyin.txt"

_FIRST = 0xE000
_LONGEST = 6


class Sounds(NamedTuple):
    """Syllables of characters and of pinyin letters; a syllable is one private-use character."""

    of_char: dict[str, str]
    of_letters: dict[str, str]
    all: frozenset[str]
    """Every syllable."""

    def spell(self, word: str) -> str | None:
        """The syllables of a Chinese word, None where a character has none."""
        found = [self.of_char.get(char) for char in word]
        return None if None in found else "".join(filter(None, found))

    def syllables(self, letters: str) -> tuple[tuple[str, int], ...]:
        """Letters read as pinyin from end to end: (syllable, length) each, longest first; empty
        when they are none."""
        if not letters:
            return ()
        for size in range(min(_LONGEST, len(letters)), 0, -1):
            syllable = self.of_letters.get(letters[:size])
            if syllable is None:
                continue
            rest = self.syllables(letters[size:])
            if rest or size == len(letters):
                return ((syllable, size), *rest)
        return ()


@cache
def load_sounds(file: Path = FILE) -> Sounds:
    """Read the table; a damaged one is a broken installation and raises OSError or ValueError."""
    of_char: dict[str, str] = {}
    of_letters: dict[str, str] = {}
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    for number, line in enumerate(lines):
        letters, chars = line.split(" ")
        syllable = chr(_FIRST + number)
        of_letters[letters] = of_letters[letters.replace("ve", "ue")] = syllable
        of_char.update(dict.fromkeys(chars, syllable))
    return Sounds(of_char, of_letters, frozenset(of_letters.values()))
