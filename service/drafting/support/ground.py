"""What a draft may rest on, cut into sentences and their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from retrieval.language import detect
from retrieval.segment import HAN, normalise, search_terms
from retrieval.splitting import sentence_spans
from service.domain.draft import DraftContext, DraftKind
from service.drafting.facts.families import families
from service.drafting.facts.prompt import plain_line
from service.drafting.support.marks import Marks, marks_of
from service.drafting.support.quantities import Quantity, quantities

_CUT = re.compile(
    r"[，,；;：:。！？!?]|(?<=\w)\.(?=\s|$)"
    r"| but | and (?=\w+ (?:is|are|may|must|can|cannot|will|has|have)\b)"
)
_WIDE = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[A-Za-z]+")
_FEW_WIDE, _FEW_LATIN = 4, 3
_KEPT = 2048
_NAMES = ("title", "audience", "channel")

BRIEF = "brief"
"""Source of what an editor gave."""
FACT = "fact:"
"""How the names of facts begin."""
_LETTERS = re.compile(r"[^\W_]+")


class Unit(NamedTuple):
    """A sentence of a source or a part of one, as it is embedded; with its own marks, and what its
    whole sentence has."""

    text: str
    marks: Marks
    families: frozenset[str]
    counted: tuple[Quantity, ...]


class Source(NamedTuple):
    """One clause, fact or point: `id` as in `SentenceSupport.source`; `words` are its search terms,
    `runs` its sentences as letters, without the label before the first; `heads` are its title,
    headings or label, as letters."""

    id: str
    lang: str
    units: tuple[Unit, ...]
    words: frozenset[str]
    runs: tuple[str, ...]
    heads: frozenset[str]
    counted: tuple[Quantity, ...]


def sources_of(context: DraftContext) -> tuple[Source, ...]:
    """Everything that may be repeated as true; a member's own words are not among it."""
    return tuple(
        source(name, lang, head, body) for name, lang, head, body in _given(context) if body.strip()
    )


@lru_cache(maxsize=_KEPT)
def source(name: str, lang: str, head: str, body: str) -> Source:
    """A source of one text; `head` lends its words (a title, headings) and claims nothing. The
    clauses of a community come again and again, so the latest are kept."""
    sentences = [body[start:end] for start, end in sentence_spans(body)]
    whole = f"{head}\n{body}"
    return Source(
        name,
        lang,
        tuple(unit for sentence in sentences for unit in _units(sentence)),
        frozenset(search_terms(whole)),
        _runs(head, sentences),
        frozenset(filter(None, map(letters, head.splitlines()))),
        quantities(whole),
    )


def _runs(head: str, sentences: list[str]) -> tuple[str, ...]:
    first, *others = map(letters, sentences) if sentences else ("",)
    label = letters(head)
    labelled = label and first != label and first.startswith(label)
    return (first.removeprefix(label) if labelled else first, *others)


def _units(sentence: str) -> Iterator[Unit]:
    families, counted = marks_of(sentence).families, quantities(sentence)
    for text in dict.fromkeys((sentence, *parts(sentence))):
        yield Unit(text, marks_of(text), families, counted)


def of_post(source: str) -> bool:
    """Whether a source's id is of a fact or of what an editor gave, and of no clause."""
    return source == BRIEF or source.startswith(FACT)


def quotes(run: str, given: Source) -> bool:
    """Whether letters are whole sentences of a source in a row: half a sentence may turn a rule
    into its opposite, and so is no quotation."""
    rest = run
    for sentence in given.runs:
        rest = rest.removeprefix(sentence) if rest.startswith(sentence) else run
        if not rest:
            return True
    return False


def parts(sentence: str) -> tuple[str, ...]:
    """Pieces between commas and the like, short ones joined to the one before."""
    joined: list[str] = []
    for piece in filter(None, (cut.strip() for cut in _CUT.split(sentence))):
        short = len(_WIDE.findall(piece)) < _FEW_WIDE and len(_LATIN.findall(piece)) < _FEW_LATIN
        if short and joined:
            joined[-1] += f", {piece}"
        else:
            joined.append(piece)
    return tuple(joined) or (sentence,)


def letters(text: str) -> str:
    """A text as one run of normalised letters and digits."""
    return "".join(_LETTERS.findall(normalise(text)))


def _given(context: DraftContext) -> Iterator[tuple[str, str, str, str]]:
    for passage in context.passages:
        head = "\n".join((passage.document_title, *passage.headings, passage.number))
        yield passage.clause_id, passage.lang, head, passage.text
    for fact in context.facts:
        text = f"{fact.label}: {fact.value}"
        yield f"{FACT}{fact.id}", context.lang.value, fact.label, text
    for one in families(context.facts):
        if one.beside:  # as a template post tells them, in one line
            line = plain_line(one, context.lang)
            yield f"{FACT}{one.fact.id}", context.lang.value, one.fact.label, line
    if context.kind is DraftKind.POST:
        yield from _brief(context)
    if context.instruction:
        yield "instruction", detect(context.instruction), "", context.instruction


def _brief(context: DraftContext) -> Iterator[tuple[str, str, str, str]]:
    title, *named = (context.parameters.get(name, "") for name in _NAMES)
    for line in (title, *context.member_text.text.splitlines()):
        yield BRIEF, detect(line), "\n".join(named), line
    for one in context.inputs:
        yield BRIEF, context.lang.value, one.label, f"{one.label}: {one.shown}"
