"""A text's sentences: which quote, which claim, which do neither."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from retrieval.language import detect
from retrieval.segment import HAN, search_terms
from retrieval.splitting import sentence_spans
from service.drafting.support.claims import Speech, is_question, speech_of
from service.drafting.support.ground import BRIEF, Source, letters, parts, quotes
from service.drafting.support.marks import Marks, marks_of
from service.drafting.support.quantities import Quantity, quantities
from service.drafting.support.undertakings import undertakes

_CITED = re.compile(
    r"《[^》\n]*》\s*(?:第?\s*\d+(?:[.-]\d+)*\s*条?)?"
    r"|[“‘\"'][^”’\"'\n]{1,80}[”’\"']\s*(?:Q\d+|\d+(?:\.\d+)+)"
    r"|\[[^\]\s]+#[^\]\s]+\]"
    r"|\b(?:clause|section|rule|article)\s*\d+(?:\.\d+)*|§\s*\d+(?:\.\d+)*|第\s*\d+(?:\.\d+)*\s*条",
    re.IGNORECASE,
)
"""How a reply names a clause; the numbers in it say nothing of the matter."""

_LEAD = re.compile(
    r"^(?:(?:按照|按|根据|依据|依)(?:现有|社群|社区)?(?:的?规定|的?规则|的?条款)?|见"
    r"|(?:under|according to|per|as|by)(?: (?:the|our)(?: \w+)? rules?(?: says?)?)?|the)?"
    r"[\s,，:：]+(?=\S)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^(?:如果|要是|若|假如|如有|有什么|if|when|should)", re.IGNORECASE)
_WIDE, _LATIN = re.compile(f"[{HAN}]"), re.compile(r"[A-Za-z]+")
_MUCH_WIDE, _MUCH_LATIN = 6, 5
_HEADING = re.compile(r"(?:#+ [^\n]*|\*\*[^*\n]*\*\*[:：]?|【[^】\n]*】[:：]?|[^:：\n]*[:：])$")
_NAME_WIDE, _NAME_LATIN = 8, 4
_EDGE = "“”\"'‘’「」·•*–— \t"


class Claim(NamedTuple):
    """What a sentence says, without the clause it names; `pieces` are its parts. `open`: its words
    do not tell whether it claims anything. `promise`: it undertakes something."""

    text: str
    lang: str
    pieces: tuple[str, ...]
    terms: frozenset[str]
    counted: tuple[Quantity, ...]
    marks: Marks
    open: bool
    promise: bool = False


class Said(NamedTuple):
    """A sentence by its place. `quoted` is the source whose words it repeats; `claim` what has to
    be supported; neither: courtesy and the like."""

    start: int
    end: int
    quoted: str | None = None
    claim: Claim | None = None


def read(
    text: str, sources: Sequence[Source], own: Collection[str], *, strict: bool = False
) -> Iterator[Said]:
    """Every sentence of a text.

    Args:
        own: sentences of our own as letters; people read them before, so they claim nothing.
        strict: see `claim_of`.
    """
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        quoted = _quoted(sentence, sources, own)
        if quoted is not None:
            yield Said(start, end, quoted=quoted)
        else:
            ours = _ours(sentence, own) or (strict and _heading(sentence))
            yield Said(start, end, claim=None if ours else claim_of(sentence, strict=strict))


def _quoted(sentence: str, sources: Sequence[Source], own: Collection[str]) -> str | None:
    """The source whose words these are: its sentences, alone or behind a heading or its label, or
    its heading or label itself."""
    head, mark, rest = sentence.replace("：", ":").partition(":")
    label, run, behind = letters(without_citations(head)), letters(sentence), letters(rest)
    for one in sources:
        given = one.id == BRIEF and names_only(head) and not quantities(rest)
        named = bool(mark) and (not label or label in own or label in one.heads or given)
        alone = run in one.heads or (run and quotes(run, one))
        if alone or (named and behind and quotes(behind, one)):
            return one.id
    return None


def names_only(label: str) -> bool:
    """Whether a heading or label is too short to claim anything: no number, no mark of a rule."""
    short = len(_WIDE.findall(label)) <= _NAME_WIDE and len(_LATIN.findall(label)) <= _NAME_LATIN
    return short and not quantities(label) and not marks_of(label).families


def _heading(sentence: str) -> bool:
    found = _HEADING.match(sentence.strip())
    return found is not None and names_only(found[0])


def _ours(sentence: str, own: Collection[str]) -> bool:
    return letters(without_citations(sentence)) in own


def claim_of(sentence: str, *, strict: bool = False) -> Claim | None:
    """What a sentence claims, if anything.

    Args:
        strict: what is said beside words of courtesy counts, and so does what the desk undertakes.
    """
    bare = _LEAD.sub("", without_citations(sentence)).strip(_EDGE)
    counted = quantities(bare)
    speech = speech_of(bare, counted)
    promise = strict and undertakes(bare)
    if speech is Speech.COURTESY and not promise:
        bare = _beside(bare) if strict and not is_question(bare) else ""
        if not bare:
            return None
        speech, counted = Speech.OPEN, quantities(bare)
    terms, unsure = frozenset(search_terms(bare)), speech is Speech.OPEN and not promise
    marks = marks_of(bare)
    return Claim(bare, detect(bare), parts(bare), terms, counted, marks, unsure, promise)


def _beside(sentence: str) -> str:
    """The parts of a courteous sentence that are not courteous themselves, where they say much."""
    rest = [
        one
        for one in parts(sentence)
        if speech_of(one, ()) is not Speech.COURTESY and not _CONDITION.match(one)
    ]
    wide = sum(len(_WIDE.findall(one)) for one in rest)
    latin = sum(len(_LATIN.findall(one)) for one in rest)
    return ", ".join(rest) if wide >= _MUCH_WIDE or latin >= _MUCH_LATIN else ""


def terms_beside(text: str) -> frozenset[str]:
    """Search terms of a text beside its numbers."""
    return frozenset(term for term in search_terms(text) if not any(map(str.isdigit, term)))


def runs_of(text: str) -> frozenset[str]:
    """The sentences of a text as letters, clauses it names left out."""
    spans = sentence_spans(text)
    return frozenset(letters(without_citations(text[start:end])) for start, end in spans)


def without_citations(sentence: str) -> str:
    """The sentence without the clauses it names."""
    return _CITED.sub(" ", sentence)
