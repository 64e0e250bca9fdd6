"""A Chinese text as a row of syllables: what sounds alike, is spelled in pinyin, drawn as an emoji,
taken apart or held apart stands there as the character it passes for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from service.triage.phonetics import load_sounds

FILE = Path(__file__).with_name("bank") / "disguises.toml"

_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_COUNTED = frozenset("月日号个点天年次人元块楼岁折周分秒时米斤条件台层级倍位种样本集章季届期页刀折")
_SOFT = frozenset(" \t-_~*·•.^'`+|/\\=<>()[]{}#&@$%★☆♥❤…—丨︱【】「」『』《》〈〉")
_MARK = re.compile(r"[^\w\s,。，、;；:：!！?？\n]")
_LETTERS = re.compile("[a-z]{1,24}")
_MOST_PARTS = 4
_MOST_SOFT = 3


class Unit(NamedTuple):
    """One syllable at [start, end) of a text; `char` is the character it is taken for, "" where
    only the sound is known, `kind` how it is written."""

    sound: str
    char: str
    start: int
    end: int
    kind: str


class Units(NamedTuple):
    """Syllables in order with a string of their sounds; a blank stands where a word must end."""

    sounds: str
    units: tuple[Unit, ...]


class _Table(NamedTuple):
    emoji: dict[str, tuple[str, ...]]
    """glyph to the characters it may stand for."""
    parts: dict[str, str]
    """components to the character."""
    starts: frozenset[str]
    twofold: frozenset[str]


@cache
def _table() -> _Table:
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    emoji: dict[str, tuple[str, ...]] = {}
    for char, glyphs in content["emoji"].items():
        for glyph in glyphs:
            emoji[glyph] = (*emoji.get(glyph, ()), char)
    parts = {p: char for char, listed in content["parts"].items() for p in listed.split("|")}
    twofold = frozenset(glyph for glyph, chars in emoji.items() if len(chars) > 1)
    return _Table(emoji, parts, frozenset(part[:2] for part in parts), twofold)


class _Quick(dict[int, str]):
    """Character to the sound it may stand for, filled as characters are met; sounds stay."""

    def __init__(self, choice: int) -> None:
        super().__init__()
        self._choice = choice

    def __missing__(self, code: int) -> str:
        char, sounds = chr(code), load_sounds()
        if char in sounds.all:
            self[code] = char
        else:
            emoji = _table().emoji.get(char, ())
            meant = _DIGITS.get(char) or "".join(emoji[self._choice :][:1] or emoji[:1]) or char
            self[code] = sounds.of_char.get(meant) or ("" if _is_soft(char) else " ")
        return self[code]


@cache
def _quick(choice: int) -> _Quick:
    return _Quick(choice)


def quick_sounds(text: str) -> str:
    """The sounds of a text without their places: tells in little time whether a word may sound in
    it. It hears more than the slow reading, but no characters taken apart."""
    spelled = _LETTERS.sub(_spelled, text)
    twofold = not text.isascii() and not _table().twofold.isdisjoint(text)
    heard = spelled.translate(_quick(0))
    return f"{heard} {spelled.translate(_quick(1))}" if twofold else heard


def assembled(text: str) -> str:
    """The text with characters put together whose parts stand side by side."""
    if text.isascii() or _table().starts.isdisjoint(map("".join, pairwise(text))):
        return text
    pieces, last = list[str](), 0
    for place, parts in _parts_in(text).items():
        if place >= last:
            pieces += [text[last:place], _table().parts[parts]]
            last = place + len(parts)
    return "".join([*pieces, text[last:]])


def _spelled(match: re.Match[str]) -> str:
    return _sounds_of(match[0])


@lru_cache(maxsize=20_000)
def _sounds_of(letters: str) -> str:
    return "".join(sound for sound, _ in load_sounds().syllables(letters)) or " "


def readings(text: str) -> Iterator[Units]:
    """The text as syllables; a second time with characters put together, and emoji taken for
    something else, where that is possible."""
    yield _units(text, {}, 0)
    parts = _parts_in(text)
    if parts or not _table().twofold.isdisjoint(text):
        yield _units(text, parts, 1)


def _parts_in(text: str) -> dict[int, str]:
    """Where characters taken apart begin, with their parts."""
    found: dict[int, str] = {}
    table = _table()
    for place in range(len(text) - 1):
        if text[place : place + 2] in table.starts:
            sizes = range(_MOST_PARTS, 1, -1)
            known = [
                text[place : place + n] for n in sizes if text[place : place + n] in table.parts
            ]
            found.update((place, part) for part in known[:1])
    return found


def _units(text: str, parts: dict[int, str], choice: int) -> Units:
    found: list[Unit] = []
    place, soft = 0, 0
    while place < len(text):
        units = _at(text, place, parts, choice)
        if units:
            found += units
            place, soft = units[-1].end, 0
            continue
        soft += 1
        apart = _is_soft(text[place]) and soft <= _MOST_SOFT
        if not apart and found and found[-1].sound != " ":
            found.append(Unit(" ", "", place, place + 1, "break"))
        place += 1
    return Units("".join(unit.sound for unit in found), tuple(found))


def _is_soft(char: str) -> bool:
    return char in _SOFT or bool(_MARK.match(char))


def _at(text: str, place: int, parts: dict[int, str], choice: int) -> list[Unit]:
    char, sounds = text[place], load_sounds()
    if place in parts:
        whole = _table().parts[parts[place]]
        end = place + len(parts[place])
        return [Unit(sounds.of_char.get(whole, " "), whole, place, end, "parts")]
    if char in sounds.of_char:
        return [Unit(sounds.of_char[char], char, place, place + 1, "han")]
    if char in _table().emoji:
        meant = _table().emoji[char][choice:][:1] or _table().emoji[char]
        return [Unit(sounds.of_char[meant[0]], meant[0], place, place + 1, "emoji")]
    if char in _DIGITS and not _beside_digit(text, place) and not _counted(text, place):
        return [Unit(sounds.of_char[_DIGITS[char]], "", place, place + 1, "digit")]
    return _pinyin(text, place) if "a" <= char <= "z" else []


def _counted(text: str, place: int) -> bool:
    return text[place + 1 : place + 2] in _COUNTED if place + 1 < len(text) else False


def _beside_digit(text: str, place: int) -> bool:
    around = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    return any(char.isdigit() or "a" <= char <= "z" for char in around)


def _pinyin(text: str, place: int) -> list[Unit]:
    match = _LETTERS.match(text, place)
    letters = match[0] if match else ""
    if not letters or (place and "a" <= text[place - 1] <= "z"):
        return []
    found, start = [], place
    for sound, size in load_sounds().syllables(letters):
        found.append(Unit(sound, "", start, start + size, "pinyin"))
        start += size
    return found
