"""Reads disguised words of a bank back into plain ones, so that its phrases can be matched again.

A place is read as a bank's word when it sounds like the whole word (two syllables at least) and is
not itself made of ordinary words: the segmenter decides that. What is read differently is only ever
matched in addition to the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from service.triage.disguise import Unit, Units, assembled, quick_sounds, readings
from service.triage.folding import Folded
from service.triage.phonetics import load_sounds

if TYPE_CHECKING:
    from rjieba import Jieba

_HAN_WORD = re.compile("[\u4e00-\u9fff]{2,8}")
_LATIN_WORD = re.compile(r"[a-z][a-z' -]{5,40}")
_NOT_LETTERS = re.compile("[^a-z]")
_LEET = str.maketrans("01345789@$!|", "oieastbgasil")
_LEET_ELL = str.maketrans("01345789@$!|", "oleastbgasll")
_LEET_CHARS = frozenset("013457@$!|")
_LEETED = re.compile(
    r"(?<![\w@$!|])(?=[a-z0-9@$!|]*[a-z])(?=[a-z@$|!]*[013457@$!|])[a-z0-9@$!|]{3,24}(?![\w@$])"
)
_HAS_LETTERS = re.compile("[a-z]")
_PAUSE = re.compile(r"[,.;:!?]\s|\n")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_SHORTEST_SQUEEZED = 7
_MOST = 40
_READINGS = 3
"""Words of one sound are tried one after another."""

_SHORT = 2
_PLAIN_WORDS = frozenset(
    "的了是在有和不也就都而与及或但之其此这那我你他她它们又才只还最再把被让用从向对为以于到去来上下"
    "里外中前后读会能要可很太更多少大小好看说想做给着过得地个次位名本件包一二三四五六七八九十两几什么"
    "月日年号怎谁哪吗呢吧啊呀嘛哦等将使由因所如若则且并即既虽然后时候先当每各某另没无未非别却便连同跟"
)
"""Characters that are words by themselves and stand next to anything."""
_LONGEST = 4000


class Read(NamedTuple):
    """A span of a folded text that passes for `word`; `code` says how it is disguised."""

    start: int
    end: int
    word: str
    code: str


class Plain(NamedTuple):
    """A text with disguises taken off; `changed` are their spans in it, with the code of each."""

    folded: Folded
    changed: tuple[tuple[int, int, str], ...]


class Unmasker:
    """Knows the words of a bank. Safe to share between threads; linear in the text's length."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take in the words; those too short or of other scripts are left out."""
        listed = sorted(set(words))
        self._sounding = _automaton(_spelled(listed))
        self._squeezed = _automaton(_letters_only(listed))

    def plain(self, folded: Folded) -> Iterator[Plain]:
        """The text with its disguises taken off, once per way to read it; nothing when it has
        none."""
        reads = [*self._chinese(folded.text), *self._joined(folded.text)]
        for _ in range(_READINGS):
            chosen = _apart(reads)
            if not chosen:
                break
            yield _rewritten(folded, chosen)
            reads = [read for read in reads if read not in chosen]
        leet = not _LEET_CHARS.isdisjoint(folded.text) and _LEETED.search(folded.text)
        for table in (_LEET, _LEET_ELL) if leet else ():
            yield _unleeted(folded, table)
        for kept in (1, 2) if _REPEATED.search(folded.text) else ():
            yield _unrepeated(folded, kept)

    def _chinese(self, text: str) -> Iterator[Read]:
        if self._sounding is None or not self._sounds_in(text):
            return
        ordinary = _Ordinary(text)
        for units in readings(text):
            for last, words in self._sounding.iter(units.sounds):
                for word in words:
                    read = _read(units, last - len(word) + 1, word, ordinary)
                    if read:
                        yield read

    def _sounds_in(self, text: str) -> bool:
        """Whether a word sounds in a text that is not written in it. Of two characters one must
        stand there, or the text must hold letters: likeness in sound alone is too common."""
        whole = assembled(text)
        heard = (
            quick_sounds(text) if whole == text else f"{quick_sounds(text)} {quick_sounds(whole)}"
        )
        lettered = _HAS_LETTERS.search(text) is not None
        return any(
            word not in text
            and (lettered or len(word) > _SHORT or word[0] in whole or word[1] in whole)
            for _, words in self._sounding.iter(heard)
            for word in words
        )

    def _joined(self, text: str) -> Iterator[Read]:
        """English words written without their blanks, or with marks inside."""
        if self._squeezed is None or not self._squeezed_in(text):
            return
        places = [i for i, char in enumerate(text[:_LONGEST]) if "a" <= char <= "z"]
        letters = "".join(text[i] for i in places)
        for last, words in self._squeezed.iter(letters):
            start = places[last - len(_NOT_LETTERS.sub("", words[0])) + 1]
            end = places[last] + 1
            if _edged(text, start, end) and _parted_oddly(text[start:end], words):
                yield Read(start, end, words[0], "joined")

    def _squeezed_in(self, text: str) -> bool:
        """Whether the letters of a word follow one another in a text that does not hold it."""
        found = self._squeezed.iter(text.translate(_ONLY_LETTERS))
        return any(all(word not in text for word in words) for _, words in found)


class _Letters(dict[int, str]):
    """Latin small letters stay, all else goes."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if 97 <= code <= 122 else ""
        return self[code]


_ONLY_LETTERS = _Letters()


def _spelled(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    sounds = load_sounds()
    for word in words:
        spelled = sounds.spell(word) if _HAN_WORD.fullmatch(word) else None
        if spelled:
            yield spelled, word


def _letters_only(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        letters = _NOT_LETTERS.sub("", word) if _LATIN_WORD.fullmatch(word) else ""
        if len(letters) >= _SHORTEST_SQUEEZED:
            yield letters, word


def _automaton(pairs: Iterable[tuple[str, str]]) -> Any:
    import ahocorasick

    grouped: dict[str, list[str]] = {}
    for key, word in pairs:
        grouped.setdefault(key, []).append(word)
    if not grouped:
        return None
    automaton = ahocorasick.Automaton()
    for key, words in grouped.items():
        automaton.add_word(key, tuple(words))
    automaton.make_automaton()
    return automaton


class _Ordinary:
    """Where words of several characters stand in a text; segmented when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[int] | None = None

    def inside(self, start: int, end: int) -> bool:
        """Whether a character of a span stands in such a word."""
        return any(self._numbers()[start:end])

    def cut(self, start: int, end: int) -> bool:
        """Whether such a word begins outside a span and ends in it, or the other way round."""
        numbers = self._numbers()
        edges = ((start - 1, start), (end - 1, end))
        return any(
            left >= 0 and right < len(numbers) and 0 < numbers[left] == numbers[right]
            for left, right in edges
        )

    def _numbers(self) -> list[int]:
        """For each character the number of its word, 0 outside of words of several characters."""
        if self._words is None:
            self._words = [
                number if len(word) > 1 and word[0] >= "\u4e00" else 0
                for number, word in enumerate(_cut(self._text), 1)
                for _ in word
            ]
        return self._words


@cache
def _jieba() -> Jieba:
    from rjieba import Jieba

    return Jieba()


def _cut(text: str) -> Sequence[str]:
    """Words of the dictionary; guessing new words would take a disguise for one."""
    return list(_jieba().cut(text, hmm=False))


def _read(units: Units, first: int, word: str, ordinary: _Ordinary) -> Read | None:
    """The place as this word, or None where it is written plainly or is ordinary language."""
    chosen = units.units[first : first + len(word)]
    changed = [u for u, char in zip(chosen, word, strict=True) if u.char != char or u.kind != "han"]
    gapped = any(b.start > a.end for a, b in pairwise(chosen))
    if not changed and not gapped:
        return None
    refused = _too_free(chosen, changed, units, first) or any(
        unit.char in _PLAIN_WORDS for unit in changed if unit.kind == "han"
    )
    refused = refused or any(
        ordinary.inside(unit.start, unit.end) for unit in changed if unit.kind in {"han", "parts"}
    )
    start, end = chosen[0].start, chosen[-1].end
    refused = refused or (gapped and ordinary.inside(start, end))
    if refused or (len(word) == _SHORT and ordinary.cut(start, end)):
        return None
    return Read(start, end, word, _code(changed))


def _too_free(chosen: Sequence[Unit], changed: Sequence[Unit], units: Units, first: int) -> bool:
    """Whether too little of the word is written for the likeness to mean anything."""
    kinds = [unit.kind for unit in changed]
    if "digit" in kinds and (kinds.count("digit") > 1 or len(kinds) == len(chosen)):
        return True
    sounds_only = [u for u in changed if u.kind == "han"]
    if len(sounds_only) == len(chosen) and len(chosen) < 3:
        return True
    if kinds.count("pinyin") == len(chosen):
        return len(chosen) < 3 and _pinyin_around(units, first, len(chosen)) < 3
    return False


def _pinyin_around(units: Units, first: int, count: int) -> int:
    """Syllables of the run of pinyin or Chinese that a place stands in."""
    start, end = first, first + count
    while start and units.units[start - 1].kind != "break":
        start -= 1
    while end < len(units.units) and units.units[end].kind != "break":
        end += 1
    return end - start


def _code(changed: Sequence[Unit]) -> str:
    kinds = {unit.kind for unit in changed}
    for kind, code in (("parts", "split_glyph"), ("emoji", "emoji"), ("pinyin", "pinyin")):
        if kind in kinds:
            return code
    return "homophone" if kinds else "spaced"


def _edged(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() and before.isascii()) and not (after.isalnum() and after.isascii())


def _parted_oddly(found: str, words: Sequence[str]) -> bool:
    """Whether a place differs from the words in its blanks and marks, few of them in a row."""
    if _PAUSE.search(found) or found in words:
        return False
    plain = {word.replace("'", "").replace("-", " ") for word in words}
    spelled = found.replace("'", "").replace("-", " ") in plain and "-" not in found
    return not spelled and len(found) <= 3 * len(words[0])


def _rewritten(folded: Folded, reads: Sequence[Read]) -> Plain:
    text, origins, changed, last = "", list[int](), list[tuple[int, int, str]](), 0
    for read in reads:
        text += folded.text[last : read.start]
        origins += folded.origins[last : read.start]
        changed.append((len(text), len(text) + len(read.word), read.code))
        text += read.word
        first, final = folded.origins[read.start], folded.origins[read.end - 1]
        origins += [first] * (len(read.word) - 1) + [final]
        last = read.end
    rest = Folded(text + folded.text[last:], origins + folded.origins[last:])
    return Plain(rest, tuple(changed))


def _apart(reads: Sequence[Read]) -> list[Read]:
    """Reads that do not overlap, the longer words first; at most forty."""
    kept: list[Read] = []
    for read in sorted(reads, key=lambda r: (-len(r.word), r.start))[: 4 * _MOST]:
        if all(read.end <= other.start or other.end <= read.start for other in kept):
            kept.append(read)
    return sorted(kept[:_MOST], key=lambda read: read.start)


def _unleeted(folded: Folded, table: dict[int, int]) -> Plain:
    text, changed = folded.text, []
    for match in _LEETED.finditer(folded.text):
        start, end = match.span()
        text = text[:start] + match[0].translate(table) + text[end:]
        changed.append((start, end, "leet"))
    return Plain(Folded(text, folded.origins), tuple(changed))


def _unrepeated(folded: Folded, kept: int) -> Plain:
    """Letters written three times and more stand `kept` times."""
    text, origins, changed, last = "", list[int](), list[tuple[int, int, str]](), 0
    for match in _REPEATED.finditer(folded.text):
        text += folded.text[last : match.start() + kept]
        origins += folded.origins[last : match.start() + kept]
        changed.append((len(text) - kept, len(text), "stretched"))
        last = match.end()
    rest = Folded(text + folded.text[last:], origins + folded.origins[last:])
    return Plain(rest, tuple(changed))
