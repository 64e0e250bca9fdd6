"""A text's sentences: which quote, which claim, which do neither."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from retrieval.language import detect
from retrieval.segment import search_terms
from retrieval.splitting import sentence_spans
from service.drafting.support.claims import Speech, speech_of
from service.drafting.support.ground import Source, letters, parts, quotes
from service.drafting.support.marks import Marks, marks_of
from service.drafting.support.quantities import Quantity, quantities

_CITED = re.compile(
    r"《[^》\n]*》\s*(?:第?\s*\d+(?:[.-]\d+)*\s*条?)?"
    r"|[“\"][^”\"\n]{1,80}[”\"]\s*\d+(?:\.\d+)+"
    r"|\[[^\]\s]+#[^\]\s]+\]"
    r"|\b(?:clause|section|rule|article)\s*\d+(?:\.\d+)*|§\s*\d+(?:\.\d+)*|第\s*\d+(?:\.\d+)*\s*条",
    re.IGNORECASE,
)
"""How a reply names a clause; the numbers in it say nothing of the matter."""

_LEAD = re.compile(
    r"^(?:按照|按|根据|依据|依|见|under|according to|per|as|by|the)?[\s,，:：]+(?=\S)",
    re.IGNORECASE,
)
_EDGE = "“”\"'‘’「」·•*–— \t"


class Claim(NamedTuple):
    """What a sentence says, without the clause it names; `pieces` are its parts. `open`: its words
    do not tell whether it claims anything."""

    text: str
    lang: str
    pieces: tuple[str, ...]
    terms: frozenset[str]
    counted: tuple[Quantity, ...]
    marks: Marks
    open: bool


class Said(NamedTuple):
    """A sentence by its place. `quoted` is the source whose words it repeats; `claim` what has to
    be supported; neither: courtesy and the like."""

    start: int
    end: int
    quoted: str | None = None
    claim: Claim | None = None


def read(text: str, sources: Sequence[Source], own: Collection[str]) -> Iterator[Said]:
    """Every sentence of a text.

    Args:
        own: sentences of our own as letters; people read them before, so they claim nothing.
    """
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        quoted = _quoted(sentence, sources, own)
        if quoted is not None:
            yield Said(start, end, quoted=quoted)
        else:
            yield Said(start, end, claim=None if _ours(sentence, own) else claim_of(sentence))


def _quoted(sentence: str, sources: Sequence[Source], own: Collection[str]) -> str | None:
    """The source whose words these are: its sentences, alone or behind a heading or its label, or
    its heading or label itself."""
    head, mark, rest = sentence.replace("：", ":").partition(":")
    label, run, behind = letters(without_citations(head)), letters(sentence), letters(rest)
    for one in sources:
        named = bool(mark) and (not label or label in own or label in one.heads)
        alone = run in one.heads or (run and quotes(run, one))
        if alone or (named and behind and quotes(behind, one)):
            return one.id
    return None


def _ours(sentence: str, own: Collection[str]) -> bool:
    return letters(without_citations(sentence)) in own


def claim_of(sentence: str) -> Claim | None:
    """What a sentence claims, if anything."""
    bare = _LEAD.sub("", without_citations(sentence)).strip(_EDGE)
    counted = quantities(bare)
    speech = speech_of(bare, counted)
    if speech is Speech.COURTESY:
        return None
    terms, unsure = frozenset(search_terms(bare)), speech is Speech.OPEN
    return Claim(bare, detect(bare), parts(bare), terms, counted, marks_of(bare), unsure)


def runs_of(text: str) -> frozenset[str]:
    """The sentences of a text as letters, clauses it names left out."""
    spans = sentence_spans(text)
    return frozenset(letters(without_citations(text[start:end])) for start, end in spans)


def without_citations(sentence: str) -> str:
    """The sentence without the clauses it names."""
    return _CITED.sub(" ", sentence)
