"""From a text and its context to a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial

from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Embedder
from service.domain.draft import ContextPassage, DraftContext
from service.domain.support import Conflict, SentenceSupport, SupportKind, SupportLedger
from service.drafting.standing import disclosure_of
from service.drafting.support.bar import cover
from service.drafting.support.claims import CourtesyHead, shipped_courtesy
from service.drafting.support.comparison import Beside, Compared, compare, units_of
from service.drafting.support.contradiction import (
    Contradiction,
    ContradictionHead,
    Pair,
    contradictions,
    pairs,
)
from service.drafting.support.contradiction import shipped as shipped_contrast
from service.drafting.support.features import conflict_of
from service.drafting.support.figures import told_by_facts
from service.drafting.support.ground import Source, sources_of
from service.drafting.support.head import Head, shipped
from service.drafting.support.meaning import Meaning, stamp
from service.drafting.support.quantities import unmatched
from service.drafting.support.rarity import Rarity
from service.drafting.support.reading import Claim, Said, read, runs_of
from service.drafting.support.statements import statements

UNMEASURED = "unmeasured"
"""Engine of a ledger made without vectors: what quotes nothing is uncertain, unless a number of it
stands in no source."""

_EVEN = 0.5
_NOTHING: tuple[float, Beside | None] = (0.0, None)


class SupportScorer:
    """Holds a text's sentences against its context. Blocking; safe to call from several threads."""

    def __init__(
        self,
        embedder: Embedder | None,
        own_texts: Iterable[str],
        *,
        head: Head | None = None,
        courtesy: CourtesyHead | None = None,
        contrast: ContradictionHead | None = None,
    ) -> None:
        """Prepare, cheaply: word lists and vectors are made at the first text.

        Args:
            embedder: one the head was not fitted on is as good as none.
            own_texts: bundled sentences, which claim nothing.
        """
        self._embedder, self._texts = embedder, tuple(own_texts)
        self._head, self._courtesy = head or shipped(), courtesy or shipped_courtesy()
        self._contrast = contrast or shipped_contrast()

    @cached_property
    def _meaning(self) -> Meaning | None:
        if self._embedder is None or stamp(self._embedder) != self._head.embedder:
            return None
        return Meaning(self._embedder)

    @cached_property
    def rarity(self) -> Rarity:
        """Weights of words."""
        return Rarity(self._texts)

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(run for text in self._texts for run in runs_of(text))

    def prepare(self, context: DraftContext) -> None:
        """Make the vectors of a context's sources while its text is still being written."""
        if self._meaning is None:
            return
        with suppress(EmbedderUnavailable):  # the ledger will say so
            self._meaning.learn(units_of(sources_of(context)))

    def ledger(self, context: DraftContext, text: str, *, strict: bool = False) -> SupportLedger:
        """What each sentence of a text rests on.

        Args:
            strict: a model wrote it: see `bar`.
        """
        sources = sources_of(context)
        ours = "\n".join((disclosure_of(context), context.parameters.get("community_name", "")))
        own = self._own | runs_of(ours)
        said = tuple(read(text, sources, own, strict=strict))
        claims = [one.claim for one in said if one.claim is not None]
        try:
            compared = self.compared(claims, sources)
        except EmbedderUnavailable:
            return SupportLedger(sentences=tuple(_unmeasured(said, sources)), engine=UNMEASURED)
        measured = tuple(self._measured(said, compared))
        if strict:
            told = told_by_facts(text, context, said, sources, self.rarity)
            barred = partial(self._barred, sources=sources)
            measured = tuple(map(barred, said, measured, told))
        return SupportLedger(sentences=measured, engine=self._head.version)

    def compared(self, claims: Sequence[Claim], sources: Sequence[Source]) -> list[Compared]:
        """Every claim beside its nearest sources; what the head is fitted on, too.

        Raises:
            EmbedderUnavailable: there are no vectors to compare.
        """
        if self._meaning is None and claims:
            raise EmbedderUnavailable("no embedder that the support head was fitted on")
        if self._meaning is None:
            return []
        return compare(claims, sources, self._meaning, self.rarity)

    def contradiction(self, passages: Sequence[ContextPassage]) -> Contradiction | None:
        """The first two clauses that say different things of one matter; None without vectors."""
        if self._meaning is None or self._contrast.embedder != self._head.embedder:
            return None
        try:
            found = contradictions(passages, self._meaning, self.rarity, self._contrast)
            return next(found, None)
        except EmbedderUnavailable:
            return None

    def clashing(self, one: ContextPassage, other: ContextPassage) -> list[Pair]:
        """Sentences of two clauses that clash; what the head of contradictions is fitted on.

        Raises:
            EmbedderUnavailable: there are no vectors to compare.
        """
        if self._meaning is None:
            raise EmbedderUnavailable("no embedder that the support head was fitted on")
        sides = (tuple(statements(one)), tuple(statements(other)))
        return pairs(*sides, self._meaning, self.rarity)

    def _measured(
        self, said: Sequence[Said], compared: Sequence[Compared]
    ) -> Iterator[SentenceSupport]:
        rows = iter(compared)
        for one in said:
            if one.claim is None:
                yield _settled(one)
                continue
            row = next(rows)
            if one.claim.open and self._courtesy.is_courtesy(row.vector):
                yield _settled(one)
            else:
                scored = [(self._head.chance(source.found), source) for source in row.beside]
                yield self._judged(one, *max(scored, key=lambda pair: pair[0], default=_NOTHING))

    def _judged(self, said: Said, score: float, best: Beside | None) -> SentenceSupport:
        kind = self._head.kind(score)
        clash = Conflict.NONE if best is None else conflict_of(best.found)
        if clash is Conflict.NUMBER:
            kind = SupportKind.UNSUPPORTED  # a wrong number is wrong however near the words are
        if kind is SupportKind.SUPPORTED:
            clash = Conflict.NONE
        return SentenceSupport(
            start=said.start, end=said.end, kind=kind, source=best and best.source,
            score=round(score, 4), conflict=clash,
        )  # fmt: skip

    def _barred(
        self, said: Said, one: SentenceSupport, fact: str | None, sources: Sequence[Source]
    ) -> SentenceSupport:
        """What a model says and the bar does not pass is uncertain, a promise unsupported."""
        if said.claim is None or one.kind is SupportKind.COURTESY:
            return one
        if fact is not None:
            return _supported(one, fact)
        sure = one.kind is SupportKind.SUPPORTED and self._head.passes(
            one.score, cover(said.claim, one.source or "", sources, self.rarity)
        )
        if sure or (one.kind is SupportKind.UNSUPPORTED and one.conflict is Conflict.NUMBER):
            return one
        if said.claim.promise:
            return one.model_copy(
                update={"kind": SupportKind.UNSUPPORTED, "conflict": Conflict.PROMISE}
            )
        doubtful = one.kind is SupportKind.SUPPORTED
        return one.model_copy(update={"kind": SupportKind.UNCERTAIN}) if doubtful else one


def _supported(one: SentenceSupport, source: str) -> SentenceSupport:
    told = {"kind": SupportKind.SUPPORTED, "conflict": Conflict.NONE, "source": source}
    return one.model_copy(update=told)


def _settled(said: Said) -> SentenceSupport:
    kind = SupportKind.SUPPORTED if said.quoted else SupportKind.COURTESY
    return SentenceSupport(start=said.start, end=said.end, kind=kind, source=said.quoted)


def _unmeasured(said: Sequence[Said], sources: Sequence[Source]) -> Iterator[SentenceSupport]:
    known = [quantity for source in sources for quantity in source.counted]
    for one in said:
        if one.claim is None:
            yield _settled(one)
        else:
            wrong = bool(unmatched(one.claim.counted, known))
            yield SentenceSupport(
                start=one.start, end=one.end, score=0.0 if wrong else _EVEN,
                kind=SupportKind.UNSUPPORTED if wrong else SupportKind.UNCERTAIN,
                conflict=Conflict.NUMBER if wrong else Conflict.NONE,
            )  # fmt: skip
