"""Two clauses that say different things of the same matter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import combinations, product
from typing import NamedTuple, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict

from service.domain.conflict import Difference, Span
from service.domain.draft import ContextPassage
from service.drafting.support.clashes import Clash, apart, clash
from service.drafting.support.meaning import Meaning
from service.drafting.support.rarity import Rarity
from service.drafting.support.statements import Statement, Stretch, statements

FILE = "contradiction.json"

NAMES = ("near", "part", "crossed", "permission", "words")
"""`near`: cosine of the two sentences without the words that clash; `part`: of the parts between
commas that hold those words, without them. `crossed`: they are of two
languages. `permission`: they differ in what they allow, not in a value. `words`: the lesser of the
two rarity-weighted shares of words that stand in the other as well; 0 where crossed."""


_CUT = re.compile(r"[，,；;：:。！？!?]")
_LITTLE, _FEW_WORDS = 8, 4
"""Characters, and words, under which a part says too little by itself."""


class ContradictionHead(BaseModel):
    """A logistic model over `NAMES`: how likely two sentences that clash speak of one matter; from
    `least` on they do. `embedder` is the fingerprint of the vectors it was fitted on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    embedder: str
    intercept: float
    weights: dict[str, float]
    least: float

    def chance(self, found: Sequence[float]) -> float:
        """The probability, for the values of `NAMES`."""
        pairs = zip(NAMES, found, strict=True)
        total = self.intercept + sum(self.weights[name] * value for name, value in pairs)
        return float(1 / (1 + np.exp(-np.clip(total, -30, 30))))


class Side(NamedTuple):
    """A clause by place among those compared, its sentence and the words in it that clash."""

    clause: int
    sentence: Span
    marks: tuple[Span, ...]


class Contradiction(NamedTuple):
    """Two clauses that differ, and in what."""

    differs: Difference
    sides: tuple[Side, Side]


class Pair(NamedTuple):
    """Two sentences of different clauses that clash, and the values of `NAMES`."""

    one: Statement
    other: Statement
    clash: Clash
    found: tuple[float, ...]


_Clashing: TypeAlias = tuple[Statement, Statement, Clash]


def contradictions(
    passages: Sequence[ContextPassage], meaning: Meaning, rarity: Rarity, head: ContradictionHead
) -> Iterator[Contradiction]:
    """Pairs of clauses of different documents that differ in a number or in what they allow.

    Clauses of one document stand side by side before their author, who tells them apart by words
    this comparison does not know.

    Raises:
        EmbedderUnavailable: there are no vectors to compare.
    """
    read = [tuple(statements(passage)) for passage in passages]
    others = [
        (i, j, _clashing(read[i], read[j]))
        for i, j in combinations(range(len(passages)), 2)
        if passages[i].document_id != passages[j].document_id
    ]
    meaning.learn([text for *_, found in others for text in _texts(found)])
    for i, j, found in others:
        scored = ((head.chance(one.found), one) for one in _pairs(found, meaning, rarity))
        chance, best = max(scored, key=lambda one: one[0], default=(0.0, None))
        if best is not None and chance >= head.least:
            sides = (
                _side(i, best.one, best.clash.own),
                _side(j, best.other, best.clash.theirs),
            )
            yield Contradiction(best.clash.differs, sides)


def pairs(
    ones: Sequence[Statement], others: Sequence[Statement], meaning: Meaning, rarity: Rarity
) -> list[Pair]:
    """Sentences that clash and that no word parts, with what the head asks of them.

    Raises:
        EmbedderUnavailable: there are no vectors to compare.
    """
    return _pairs(_clashing(ones, others), meaning, rarity)


def _clashing(ones: Sequence[Statement], others: Sequence[Statement]) -> list[_Clashing]:
    return [
        (one, other, found)
        for one, other in product(ones, others)
        if (found := clash(one, other)) and not apart(one, other)
    ]


def _texts(clashing: Sequence[_Clashing]) -> list[str]:
    """Of each pair: both sentences without what clashes, then the parts that hold it."""
    return [
        cut(sentence.text, marks)
        for a, b, found in clashing
        for cut in (_without, _part)
        for sentence, marks in ((a, found.own), (b, found.theirs))
    ]


def _pairs(clashing: Sequence[_Clashing], meaning: Meaning, rarity: Rarity) -> list[Pair]:
    _, vectors = meaning.of((), _texts(clashing))
    near = [float(a @ b) for a, b in zip(vectors[::2], vectors[1::2], strict=True)]
    return [
        Pair(*pair, _found(pair, whole, part, rarity))
        for pair, whole, part in zip(clashing, near[::2], near[1::2], strict=True)
    ]


def _found(pair: _Clashing, near: float, part: float, rarity: Rarity) -> tuple[float, ...]:
    one, other, differs = pair[0], pair[1], pair[2].differs
    crossed = one.lang != other.lang
    shares = (rarity.share(one.terms, other.terms), rarity.share(other.terms, one.terms))
    permission = float(differs is Difference.PERMISSION)
    return near, part, float(crossed), permission, 0.0 if crossed else min(shares)


def _without(text: str, stretches: Iterable[Stretch]) -> str:
    """The text less some stretches; whole where nothing is left."""
    left = text
    for start, end in sorted(stretches, reverse=True):
        left = f"{left[:start]} {left[end:]}"
    return " ".join(left.split()) or text


def _part(text: str, stretches: Sequence[Stretch]) -> str:
    """What stands between commas around the first of some stretches, less all of them; the part
    before it too where that leaves little."""
    at = stretches[0][0]
    cuts = [0, *(found.end() for found in _CUT.finditer(text)), len(text)]
    n = max(n for n, cut in enumerate(cuts[:-1]) if cut <= at)
    start, end = cuts[n], cuts[n + 1]
    if _small(text[start:end]) and n:
        start = cuts[n - 1]
    inside = [
        (max(a, start) - start, min(b, end) - start) for a, b in stretches if start <= a < end
    ]
    return _without(text[start:end], inside)


def _small(part: str) -> bool:
    return len(part) < _LITTLE and len(part.split()) < _FEW_WORDS


def _side(clause: int, sentence: Statement, marks: Iterable[Stretch]) -> Side:
    at, end = sentence.start, sentence.start + len(sentence.text)
    spans = (Span(start=at + a, end=min(at + b, end)) for a, b in marks)
    return Side(clause, Span(start=at, end=end), tuple(spans))


@cache
def shipped() -> ContradictionHead:
    """The coefficients that come with the package."""
    stored = files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    return ContradictionHead.model_validate(json.loads(stored))
