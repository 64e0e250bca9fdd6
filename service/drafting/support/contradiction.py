"""Two clauses that say different things of the same matter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import combinations, product
from typing import NamedTuple

from retrieval.splitting import sentence_spans
from service.domain.conflict import Difference, Span
from service.domain.draft import ContextPassage
from service.drafting.support.marks import Marks, marks_of, opposed, places_of
from service.drafting.support.meaning import Meaning
from service.drafting.support.quantities import BARE, Quantity, agree, quantities

FILE = "contrasts.toml"

_NEAR = 0.7
_NEAR_CROSSED = 0.5
"""Cosine, less what a language shares, from which two sentences are about one matter."""

_Stretch = tuple[int, int]
"""Start and end in a sentence."""


class Side(NamedTuple):
    """A clause by place among those compared, its sentence and the words in it that clash."""

    clause: int
    sentence: Span
    marks: tuple[Span, ...]


class Contradiction(NamedTuple):
    """Two clauses that differ, and in what."""

    differs: Difference
    sides: tuple[Side, Side]


class _Sentence(NamedTuple):
    start: int
    text: str
    lang: str
    counted: tuple[Quantity, ...]
    marks: Marks


class _Clash(NamedTuple):
    """What two sentences differ in, and the stretches that say so, by place in each sentence."""

    differs: Difference
    own: tuple[_Stretch, ...]
    theirs: tuple[_Stretch, ...]


class _Pair(NamedTuple):
    one: _Sentence
    other: _Sentence
    clash: _Clash


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
        pairs = list(_clashing(read[i], read[j]))
        if found := next(_near(pairs, meaning), None):
            one = _side(i, found.one, found.clash.own)
            yield Contradiction(
                found.clash.differs, (one, _side(j, found.other, found.clash.theirs))
            )


def _side(clause: int, sentence: _Sentence, marks: Iterable[_Stretch]) -> Side:
    at, end = sentence.start, sentence.start + len(sentence.text)
    spans = (Span(start=at + a, end=min(at + b, end)) for a, b in marks)
    return Side(clause, Span(start=at, end=end), tuple(spans))


def _sentences(passage: ContextPassage) -> Iterator[_Sentence]:
    for start, end in sentence_spans(passage.text):
        said = passage.text[start:end]
        if text := said.strip():
            at = start + len(said) - len(said.lstrip())
            yield _Sentence(at, text, passage.lang, quantities(text), marks_of(text))


def _clashing(ones: Iterable[_Sentence], others: Sequence[_Sentence]) -> Iterator[_Pair]:
    for one, other in product(ones, others):
        clash = _clash(one, other)
        if clash and not _apart(one, other):
            yield _Pair(one, other, clash)


def _clash(one: _Sentence, other: _Sentence) -> _Clash | None:
    """By a count of the same thing, or in one language by permission against prohibition."""
    crossed = one.lang != other.lang
    if not crossed and opposed(one.marks, other.marks):
        said = (places_of(side.text, side.marks.modality) for side in (one, other))
        return _Clash(Difference.PERMISSION, *said)
    shared = {n.dimension for n in one.counted} & {n.dimension for n in other.counted}
    for name in sorted(shared - ({BARE} if crossed else set())):
        own, theirs = _of(one, name), _of(other, name)
        if not any(agree(a, b) for a in own for b in theirs):
            return _Clash(Difference.VALUE, *(_stretches(side) for side in (own, theirs)))
    return None


def _stretches(counted: Iterable[Quantity]) -> tuple[_Stretch, ...]:
    return tuple((one.start, one.end) for one in counted)


def _of(one: _Sentence, dimension: str) -> list[Quantity]:
    return [quantity for quantity in one.counted if quantity.dimension == dimension]


def _near(pairs: Sequence[_Pair], meaning: Meaning) -> Iterator[_Pair]:
    texts = list(dict.fromkeys(side.text for pair in pairs for side in (pair.one, pair.other)))
    _, vectors = meaning.of((), texts)
    row = dict(zip(texts, vectors, strict=True))
    for pair in pairs:
        least = _NEAR if pair.one.lang == pair.other.lang else _NEAR_CROSSED
        if float(row[pair.one.text] @ row[pair.other.text]) >= least:
            yield pair


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
