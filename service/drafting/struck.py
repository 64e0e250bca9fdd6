"""What a reviewer kept of a draft and what they struck out, as an expectation of later drafts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from retrieval.segment import HAN
from service.domain.base import Lang
from service.domain.draft import Composition, DraftContext, RefusalKind
from service.domain.review import RejectReason
from service.domain.sample import MOST_PHRASES, DraftWanted, RetrievalWanted
from service.domain.support import SupportKind, SupportLedger
from service.drafting.knowledge import personal
from service.drafting.numbers.reading import read
from service.drafting.support.ground import letters
from service.ports.engines import Redactor

STRONG = 0.3
"""Least share of a draft's characters that an edit changes to be suggested as a test case."""

ALIKE = 60
"""Percent of likeness from which a piece was reworded, not struck out."""

LONGEST = 120
"""Characters of a wording that may not return; no later draft would repeat a longer one."""

_CUT = re.compile(r"[，,；;。！？!?：:、\n]+|\.(?=\s|$)")
_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[A-Za-z0-9]+")
_FEW_HAN, _FEW_WORDS = 4, 3


class Seen(NamedTuple):
    """A draft and the text that was in front of the reviewer; `drafted` and `support` say what the
    sentences of the one and the other rest on."""

    context: DraftContext
    composition: Composition
    drafted: SupportLedger
    text: str
    support: SupportLedger

    @property
    def edited(self) -> bool:
        """Whether it reads otherwise than it was drafted."""
        return self.text.strip() != self.composition.text.strip()

    @property
    def refusal(self) -> RefusalKind | None:
        """The refusal that stands; a text written in its place is an answer."""
        return None if self.edited else self.composition.refusal


def kept_clauses(seen: Seen) -> tuple[str, ...]:
    """Cited clauses the text still rests on, if unsurely, in order: all where nothing could be
    compared; what an answer surely rests on that was written in the place of one without any."""
    cited = tuple(dict.fromkeys(one.clause_id for one in seen.composition.citations))
    if not seen.edited:
        return cited[:MOST_PHRASES]
    sure = {one.source for one in seen.support.of_kind(SupportKind.SUPPORTED)}
    near = sure | {one.source for one in seen.support.of_kind(SupportKind.UNCERTAIN)}
    if cited:
        return tuple(one for one in cited if one in near or None in near)[:MOST_PHRASES]
    offered = (one.clause_id for one in seen.context.passages)
    return tuple(one for one in offered if one in sure)[:MOST_PHRASES]


def reply_wanted(
    seen: Seen, redactor: Redactor, *, refused: Sequence[str] = ()
) -> DraftWanted | None:
    """What a reply must cite, refuse and not say; None where that is nothing.

    Args:
        refused: sentences of a rejected draft: nothing of it was kept.
    """
    before, after = (refused, "") if refused else (_claims(seen), seen.text)
    phrases = tuple(struck(before, after, seen.context, redactor))
    cite = () if refused else kept_clauses(seen)
    refusal = None if refused else seen.refusal
    if not (cite or refusal or phrases):
        return None
    return DraftWanted(
        cite=cite,
        refusal=refusal,
        must_not_say=phrases[:MOST_PHRASES],
        reply_lang=Lang(seen.context.lang),
    )


def retrieval_wanted(seen: Seen) -> RetrievalWanted | None:
    """Which clauses answer the question, or that none does; None where neither is known."""
    if clauses := kept_clauses(seen):
        return RetrievalWanted(clauses=clauses)
    return RetrievalWanted(no_answer=True) if seen.refusal is RefusalKind.NO_RULE else None


def refused_sentences(seen: Seen, reason: RejectReason | None) -> tuple[str, ...]:
    """What a rejection speaks against: claims that are wrong, those without support, a tone
    anywhere. Other reasons say nothing of the text, and a refusal claims nothing."""
    if seen.composition.refusal is not None or reason is None:
        return ()
    return _sentences(seen, _AGAINST.get(reason, ()))


def _claims(seen: Seen) -> tuple[str, ...]:
    """What the draft claimed: another greeting in its place says nothing against the first. A draft
    older than the measure is taken whole."""
    if not seen.drafted.sentences:
        return (seen.composition.text,)
    return _sentences(seen, _CLAIMS)


def _sentences(seen: Seen, kinds: Sequence[SupportKind]) -> tuple[str, ...]:
    text, found = seen.composition.text, seen.drafted.sentences
    return tuple(text[one.start : one.end] for one in found if one.kind in kinds)


def struck(
    before: Iterable[str], after: str, context: DraftContext, redactor: Redactor
) -> Iterator[str]:
    """Pieces that are gone from a text, word for word as they stood.

    Left out: pieces reworded with the same numbers, too short or too long ones, what the clauses
    themselves say (a right answer may say it too), and whatever holds personal data.
    """
    ground = letters("\n".join(passage.text for passage in context.passages))
    kept = list(_pieces(after))
    said: set[str] = set()
    for text in before:
        for piece in _pieces(text):
            form = letters(piece)
            if form in said or not _long_enough(piece) or form in ground:
                continue
            said.add(form)
            if not _reworded(piece, kept, after) and not personal(redactor.redact(piece)):
                yield piece


def _pieces(text: str) -> Iterator[str]:
    for piece in _CUT.split(text):
        if piece.strip():
            yield piece.strip()


def _long_enough(piece: str) -> bool:
    enough = len(_HAN.findall(piece)) >= _FEW_HAN or len(_WORD.findall(piece)) >= _FEW_WORDS
    return enough and len(piece) <= LONGEST


def _reworded(piece: str, kept: Sequence[str], after: str) -> bool:
    """Whether the text still says it, in these words or like ones."""
    from rapidfuzz import fuzz

    if piece.casefold() in after.casefold():
        return True
    values = {figure.value for figure in read(piece)}
    if values - {figure.value for figure in read(after)}:
        return False
    form = letters(piece)
    return any(fuzz.ratio(form, letters(other)) >= ALIKE for other in kept)


_CLAIMS = (SupportKind.SUPPORTED, SupportKind.UNCERTAIN, SupportKind.UNSUPPORTED)
_AGAINST: dict[RejectReason, tuple[SupportKind, ...]] = {
    RejectReason.WRONG: _CLAIMS,
    RejectReason.UNSUPPORTED: (SupportKind.UNCERTAIN, SupportKind.UNSUPPORTED),
    RejectReason.TONE: tuple(SupportKind),
}
