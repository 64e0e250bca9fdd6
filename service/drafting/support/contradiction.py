"""Two clauses that say different things of the same matter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import combinations, product
from typing import NamedTuple

from retrieval.splitting import sentence_spans
from service.domain.draft import ContextPassage
from service.drafting.support.marks import Marks, marks_of, opposed
from service.drafting.support.meaning import Meaning
from service.drafting.support.quantities import BARE, Quantity, agree, quantities

FILE = "contrasts.toml"

_NEAR = 0.7
_NEAR_CROSSED = 0.5
"""Cosine, less what a language shares, from which two sentences are about one matter."""


class Contradiction(NamedTuple):
    """Two clauses by place among those compared, and the sentence of each that differs."""

    one: int
    other: int
    sentences: tuple[str, str]


class _Sentence(NamedTuple):
    text: str
    lang: str
    counted: tuple[Quantity, ...]
    marks: Marks


def contradictions(passages: Sequence[ContextPassage], meaning: Meaning) -> Iterator[Contradiction]:
    """Pairs of clauses of different documents that differ in a number or in what they allow.

    Clauses of one document stand side by side before their author, who tells them apart by words
    this comparison does not know.

    Raises:
        EmbedderUnavailable: there are no vectors to compare.
    """
    read = [tuple(_sentences(passage)) for passage in passages]
    for i, j in combinations(range(len(passages)), 2):
        if passages[i].document_id == passages[j].document_id:
            continue
        pairs = [pair for pair in product(read[i], read[j]) if _differ(*pair) and not _apart(*pair)]
        if found := next(_near(pairs, meaning), None):
            yield Contradiction(i, j, found)


def _sentences(passage: ContextPassage) -> Iterator[_Sentence]:
    for start, end in sentence_spans(passage.text):
        if text := passage.text[start:end].strip():
            yield _Sentence(text, passage.lang, quantities(text), marks_of(text))


def _differ(one: _Sentence, other: _Sentence) -> bool:
    """By a count of the same thing, or in one language by permission against prohibition."""
    crossed = one.lang != other.lang
    if not crossed and opposed(one.marks, other.marks):
        return True
    shared = {n.dimension for n in one.counted} & {n.dimension for n in other.counted}
    return any(
        not any(agree(a, b) for a in _of(one, name) for b in _of(other, name))
        for name in shared - ({BARE} if crossed else set())
    )


def _of(one: _Sentence, dimension: str) -> list[Quantity]:
    return [quantity for quantity in one.counted if quantity.dimension == dimension]


def _near(
    pairs: Sequence[tuple[_Sentence, _Sentence]], meaning: Meaning
) -> Iterator[tuple[str, str]]:
    texts = list(dict.fromkeys(one.text for pair in pairs for one in pair))
    _, vectors = meaning.of((), texts)
    row = dict(zip(texts, vectors, strict=True))
    for one, other in pairs:
        least = _NEAR if one.lang == other.lang else _NEAR_CROSSED
        if float(row[one.text] @ row[other.text]) >= least:
            yield one.text, other.text


def _apart(one: _Sentence, other: _Sentence) -> bool:
    """Whether words say that the two rule different cases, or one is the other's exception."""
    excepted, scales = _words()
    texts = (one.text.lower(), other.text.lower())
    if any(excepted.search(text) for text in texts):
        return True
    placed = (tuple(_places(text, scale) for text in texts) for scale in scales)
    return any(own - theirs and theirs - own for own, theirs in placed)


def _places(text: str, scale: tuple[re.Pattern[str], ...]) -> frozenset[int]:
    return frozenset(n for n, place in enumerate(scale) if place.search(text))


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], ...], ...]]:
    given = tomllib.loads(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    excepted = re.compile("|".join((*given["excepted"]["zh"], *given["excepted"]["en"])))
    scales = tuple(
        tuple(_place(zh, en) for zh, en in zip(scale["zh"], scale["en"], strict=True))
        for scale in given["scales"]
    )
    return excepted, scales


def _place(zh: list[str], en: list[str]) -> re.Pattern[str]:
    english = (re.escape(word).replace(r"\*", r"\w*") for word in en)
    return re.compile("|".join((*map(re.escape, zh), *(rf"\b{word}\b" for word in english))))
