"""Readable keywords of themes in both languages, by class-based TF-IDF (Grootendorst, 2022).

A keyword must stand in a fair share of the theme's texts, and seldom elsewhere. Two neighbouring
Chinese words that stand together count as one word more.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import ceil, log
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Embedder
from retrieval.segment import normalise, segment, stem
from retrieval.types import FloatMatrix, Role
from service.triage.features import Centre
from service.triage.redaction import TOKEN

_SHOWN = 6
_VOCABULARY = 200
_LEAST_USES = 2
_CANDIDATES = 24
_LATIN = re.compile(r"[A-Za-z]{3,}")
_STOPS_FILE = Path(__file__).with_name("stopwords.toml")

_SPEAKERS = 3
"""Fewer texts in a language say nothing of how its speakers call the theme."""

_SHARE, _ENOUGH = 0.25, 3
"""A keyword stands in this share of a theme's texts, or in so many of them."""

_LARGE = 15
"""So many texts are a theme even where they share no telling word; they take what they have."""

_TELLING_LIFT = 2.0
"""How much more often a keyword stands inside a theme than outside."""

_FEWEST_THEMES, _SPREAD = 8, 0.25
"""A word that stands in this share of so many themes names none of them."""

_PHRASE_BONUS, _PHRASE_LENGTH = 1.3, 4
_NEAR = 0.55
"""Least cosine of a word of the other language to a theme that borrows it."""


class Keywords(NamedTuple):
    """The keywords of one theme, most telling first."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


def theme_keywords(
    texts: Sequence[str],
    langs: Sequence[str],
    members: Sequence[NDArray[np.int64]],
    centres: FloatMatrix,
    centre: Centre,
    embedder: Embedder,
) -> list[Keywords]:
    """Keywords per theme and language; none at all where its texts share no telling word.

    A theme hardly spoken of in one of the languages takes the words of that language, used anywhere
    in these texts, that lie near its centre; where none does, the other language's.

    Args:
        members: row numbers of each theme.
        centres: unit vectors in the space of `centre`, shape (themes, dim).
    """
    words = [_words(text) for text in texts]
    words = _without(words, _spread(words, members))
    spoken = {lang: _spoken(words, langs, members, lang) for lang in ("zh", "en")}
    for lang in ("zh", "en"):
        missing = [number for number, found in enumerate(spoken[lang]) if not found]
        if missing:
            near = _nearest(words, langs, lang, centres[missing], centre, embedder)
            for number, found in zip(missing, near, strict=True):
                spoken[lang][number] = found
    spell = _spelling(texts)
    pairs = zip(spoken["zh"], spoken["en"], strict=True)
    named = [(zh or en, en or zh) for zh, en in pairs]
    return [Keywords(tuple(map(spell, zh)), tuple(map(spell, en))) for zh, en in named]


@cache
def _stops() -> frozenset[str]:
    content = tomllib.loads(_STOPS_FILE.read_text(encoding="utf-8"))
    return frozenset(f"{content['zh']} {content['en']}".split())


def _words(text: str) -> list[str]:
    plain = normalise(TOKEN.sub(" ", text))
    words = list(segment(plain))
    pairs = pairwise(words)
    phrases = [a + b for a, b in pairs if _phrase(a, b) and a + b in plain]
    return [word for word in (*words, *phrases) if _telling(word)]


def _spread(words: Sequence[Sequence[str]], members: Sequence[NDArray[np.int64]]) -> set[str]:
    """Words that many themes hold, such as the community's own name: they set none apart."""
    if len(members) < _FEWEST_THEMES:
        return set()
    themes = _count([word for row in theme for word in words[row]] for theme in members)
    return {word for word, n in themes.items() if n >= _SPREAD * len(members)}


def _spelling(texts: Sequence[str]) -> Callable[[str], str]:
    """From a stem to the way these texts write it most often ("maco" is "macOS")."""
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        for form in _LATIN.findall(text):
            forms.setdefault(stem(form.casefold()), Counter())[form] += 1
    return lambda word: forms[word].most_common(1)[0][0] if word in forms else word


def _without(words: Sequence[Sequence[str]], dropped: set[str]) -> list[list[str]]:
    return [[word for word in text if word not in dropped] for text in words]


def _phrase(first: str, second: str) -> bool:
    """Whether two neighbours may name something together."""
    if first.isascii() or second.isascii() or not 3 <= len(first + second) <= 6:
        return False
    return first not in _stops() and second not in _stops() and max(len(first), len(second)) > 1


def _telling(word: str) -> bool:
    long_enough = len(word) >= (3 if word.isascii() else 2)
    return long_enough and not any(char.isdigit() for char in word) and word not in _stops()


def _spoken(
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    members: Sequence[NDArray[np.int64]],
    lang: str,
) -> list[tuple[str, ...]]:
    """Best words of each theme among its members in one language."""
    rows = [[row for row in theme if langs[row] == lang] for theme in members]
    total = _count(text for text, spoken in zip(words, langs, strict=True) if spoken == lang)
    everywhere = max(1, list(langs).count(lang))
    return [
        _best(_count(words[row] for row in theme), total, len(theme), everywhere) for theme in rows
    ]


def _count(texts: Iterable[Sequence[str]]) -> Counter[str]:
    """In how many texts each word stands."""
    return Counter(word for text in texts for word in dict.fromkeys(text))


def _best(
    count: Counter[str], total: Counter[str], inside: int, everywhere: int
) -> tuple[str, ...]:
    """Words with enough support and lift, those that explain most texts first."""
    if inside < _SPEAKERS:
        return ()
    needed = min(_ENOUGH, max(_LEAST_USES, ceil(_SHARE * inside)))
    scores = {
        word: _score(n, total[word], inside, everywhere) * _phrase_weight(word)
        for word, n in count.items()
    }
    kept = [word for word, n in count.items() if n >= needed and scores[word] > 0]
    if not kept and inside >= _LARGE:
        kept = [word for word, n in count.items() if n >= _LEAST_USES]
    return _without_parts(sorted(kept, key=lambda word: (-scores[word], word))[:_CANDIDATES])


def _score(n: int, total: int, inside: int, everywhere: int) -> float:
    """Texts explained, weighed by how much rarer the word is elsewhere; 0 where it is not."""
    outside = (total - n + 0.5) / (everywhere - inside + 1)
    lift = (n / inside) / outside
    if lift < _TELLING_LIFT:
        return 0.0
    return n * log(lift)


def _phrase_weight(word: str) -> float:
    """Two words say more than one; without this their parts would stand before them."""
    return 1.0 if word.isascii() or len(word) < _PHRASE_LENGTH else _PHRASE_BONUS


def _without_parts(ranked: Sequence[str]) -> tuple[str, ...]:
    """Drop words that are part of a better one, or hold one."""
    kept: list[str] = []
    for word in ranked:
        if not any(word in other or other in word for other in kept):
            kept.append(word)
    return tuple(kept[:_SHOWN])


def _nearest(
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    lang: str,
    centres: FloatMatrix,
    centre: Centre,
    embedder: Embedder,
) -> list[tuple[str, ...]]:
    """For each centre the near words of a language that are used anywhere in the texts."""
    count = _count(text for text, spoken in zip(words, langs, strict=True) if spoken == lang)
    used = [word for word, n in count.most_common(_VOCABULARY) if n >= _LEAST_USES]
    if not used:
        return [() for _ in centres]
    vectors = embedder.embed(used, role=Role.QUERY)
    placed = centre.apply(vectors, [lang] * len(used))
    closeness = centres @ placed.T
    return [_without_parts(_above(used, row)) for row in closeness]


def _above(words: Sequence[str], closeness: NDArray[np.float32]) -> list[str]:
    best = np.argsort(-closeness)[:_CANDIDATES]
    return [words[index] for index in best if closeness[index] >= _NEAR]
