"""Readable keywords of themes in both languages, by class-based TF-IDF (Grootendorst, 2022)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Embedder
from retrieval.segment import segment
from retrieval.types import FloatMatrix, Role
from service.triage.features import Centre
from service.triage.redaction import TOKEN

_SHOWN = 6
_VOCABULARY = 200
_LEAST_USES = 2
_CANDIDATES = 24
_SAID_NOTHING = frozenset(
    [
        "谢谢",
        "请问",
        "大家",
        "怎么",
        "什么",
        "没有",
        "就是",
        "不是",
        "这样",
        "那样",
        "一下",
        "可以",
        "现在",
        "知道",
        "觉得",
        "感觉",
        "真的",
        "已经",
        "还是",
        "为什么",
        "有没有",
        "能不能",
        "可不可以",
        "是不是",
        "你们",
        "我们",
        "他们",
        "自己",
        "时候",
        "东西",
        "问题",
        "一个",
        "这个",
        "那个",
        "please",
        "thanks",
        "thank",
        "hello",
        "just",
        "like",
        "get",
        "got",
        "have",
        "has",
        "don",
        "doesn",
        "can't",
        "don't",
        "really",
        "very",
        "know",
        "think",
        "want",
        "need",
        "would",
        "could",
        "should",
        "anyone",
        "someone",
        "still",
        "any",
        "also",
        "one",
        "make",
        "going",
        "https",
        "http",
        "www",
        "com",
    ]
)


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
    """Keywords per theme and language.

    A theme nobody speaks of in one of the languages takes the words of that language, used anywhere
    in these texts, that lie nearest its centre; where the texts have none, the other language's.

    Args:
        members: row numbers of each theme.
        centres: unit vectors in the space of `centre`, shape (themes, dim).
    """
    words = [_words(text) for text in texts]
    spoken = {lang: _spoken(words, langs, members, lang) for lang in ("zh", "en")}
    for lang in ("zh", "en"):
        missing = [number for number, found in enumerate(spoken[lang]) if not found]
        if missing:
            near = _nearest(words, langs, lang, centres[missing], centre, embedder)
            for number, found in zip(missing, near, strict=True):
                spoken[lang][number] = found
    pairs = zip(spoken["zh"], spoken["en"], strict=True)
    return [Keywords(zh or en, en or zh) for zh, en in pairs]


def _words(text: str) -> list[str]:
    return [word for word in segment(TOKEN.sub(" ", text)) if _telling(word)]


def _telling(word: str) -> bool:
    long_enough = len(word) >= (3 if word.isascii() else 2)
    return long_enough and not word.isdigit() and word not in _SAID_NOTHING


def _spoken(
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    members: Sequence[NDArray[np.int64]],
    lang: str,
) -> list[tuple[str, ...]]:
    """Best words of each theme among its members in one language."""
    counts = [_count(words[row] for row in rows if langs[row] == lang) for rows in members]
    total = Counter[str]()
    for count in counts:
        total.update(count)
    average = total.total() / max(1, sum(1 for count in counts if count))
    return [_best(count, total, average) for count in counts]


def _count(texts: Iterable[Sequence[str]]) -> Counter[str]:
    """In how many texts each word stands."""
    return Counter(word for text in texts for word in dict.fromkeys(text))


def _best(count: Counter[str], total: Counter[str], average: float) -> tuple[str, ...]:
    scores = {word: n * log(1 + average / total[word]) for word, n in count.items()}
    ranked = sorted(scores, key=lambda word: (-scores[word], word))[:_CANDIDATES]
    return _without_parts(ranked)


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
    """For each centre the nearest frequent words of a language anywhere in the texts."""
    count = _count(text for text, spoken in zip(words, langs, strict=True) if spoken == lang)
    used = [word for word, n in count.most_common(_VOCABULARY) if n >= _LEAST_USES]
    if not used:
        return [() for _ in centres]
    vectors = embedder.embed(used, role=Role.QUERY)
    placed = centre.apply(vectors, [lang] * len(used))
    nearest = np.argsort(-(centres @ placed.T), axis=1)[:, :_CANDIDATES]
    return [_without_parts([used[index] for index in row]) for row in nearest]
