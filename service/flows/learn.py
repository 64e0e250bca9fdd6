"""People's labelled examples: proposed, compared before and after, then adopted or held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from retrieval.errors import EmbedderUnavailable
from retrieval.language import detect
from service.domain.base import Lang
from service.domain.cleaning import clean_text, is_blank
from service.domain.example import LONGEST, Example, ExampleOrigin, ExampleStatus
from service.domain.message import text_hash
from service.domain.refit import Comparison, Refit, RefitVerdict
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.errors import Conflict, InvalidInput, NotFound, TransientProviderError
from service.ports.clock import Clock, Ids
from service.ports.engines import HeadComparer, Redactor
from service.ports.store import UnitOfWork, UowFactory
from service.triage.refit import set_stamp
from service.triage.taxonomy import labelled_examples, with_learned

PART = "examples"
"""Name of the accepted examples among the versions of what engines are built from."""

MOST_AT_ONCE = 100
TRIES = 3
"""Comparisons made before giving up because others keep changing the set."""


class _Plan(NamedTuple):
    """What would change: `joining` and `leaving` the accepted ones of `scope`."""

    scope: str | None
    joining: tuple[Example, ...]
    leaving: tuple[Example, ...]
    before: tuple[LabelledExample, ...]
    after: tuple[LabelledExample, ...]


class Outcome(NamedTuple):
    """The comparison with its verdict, and the examples as they are now."""

    refit: Refit
    examples: tuple[Example, ...]


class LearnFlow:
    """Keeps the sets of accepted examples; engines take them up by their version."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        taxonomy: Taxonomy,
        comparer: HeadComparer,
        redactor: Redactor,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._taxonomy, self._comparer = uow, taxonomy, comparer
        self._redactor, self._clock, self._ids = redactor, clock, ids
        self._shipped = labelled_examples(taxonomy)

    async def add(self, community: str | None, text: str, category: str, *, by: str) -> Example:
        """Propose an example by hand; personal data is cut out of it.

        Raises:
            InvalidInput: no text, too long a text, or an unknown category.
            Conflict: the text waits or is accepted with this category already.
        """
        example = self._example(community, text, category, by)
        async with self._uow() as uow:
            if not await uow.examples.propose(example):
                raise Conflict("This text is an example of this category already.")
            await uow.commit()
        return example

    async def accept(
        self,
        example_ids: Sequence[str],
        *,
        by: str,
        everywhere: bool = False,
        insist: str = "",
    ) -> Outcome:
        """Adopt examples of one community, unless they make a slice worse: then they are held.

        Args:
            everywhere: from now on for every community.
            insist: why to adopt them although a slice becomes worse.

        Raises:
            NotFound: an id is unknown.
            IllegalTransition: one of them was decided already.
            InvalidInput: none, too many, or of several communities.
            TransientProviderError: the embedder is away, or others keep changing the set.
        """
        for _ in range(TRIES):
            async with self._uow() as uow:
                plan = await self._plan(uow, example_ids, everywhere=everywhere)
            report = await self._compare(plan)
            done = await self._adopt(plan, report, by=by, insist=insist, everywhere=everywhere)
            if done is not None:
                return done
        raise TransientProviderError("Others are changing the examples; try again in a moment.")

    async def retire(self, example_id: str, *, by: str, reason: str) -> Outcome:
        """Take an accepted example out of use; what that does is measured and kept.

        Raises:
            NotFound, IllegalTransition: unknown, or not accepted.
            InvalidInput: no reason.
            TransientProviderError: see `accept`.
        """
        if not reason.strip():
            raise InvalidInput("Say why the example is retired.")
        for _ in range(TRIES):
            async with self._uow() as uow:
                plan = await self._plan_without(uow, example_id, by)
            report = await self._compare(plan)
            done = await self._adopt(plan, report, by=by, insist=reason, everywhere=False)
            if done is not None:
                return done
        raise TransientProviderError("Others are changing the examples; try again in a moment.")

    async def reject(self, example_id: str, *, by: str, reason: str = "") -> Example:
        """Refuse a proposed or held example.

        Raises:
            NotFound, IllegalTransition.
        """
        async with self._uow() as uow:
            example = await _required(uow, example_id)
            clean = self._redactor.redact(reason.strip()).text
            now = self._clock.now()
            rejected = example.decided(ExampleStatus.REJECTED, by, now, clean)
            await uow.examples.save(rejected)
            await uow.commit()
        return rejected

    def _example(self, community: str | None, text: str, category: str, by: str) -> Example:
        clean = self._redactor.redact(clean_text(text)).text.strip()
        if is_blank(clean) or len(clean) > LONGEST:
            raise InvalidInput(f"An example has 1 to {LONGEST} characters.")
        if category not in {one.id for one in self._taxonomy.categories}:
            raise InvalidInput("There is no such category.", category=category)
        return Example(
            id=self._ids.new("exm"),
            community=community,
            text=clean,
            category=category,
            lang=Lang.ZH if detect(clean) == "zh" else Lang.EN,
            status=ExampleStatus.PROPOSED,
            origin=ExampleOrigin.ADDED,
            content_hash=text_hash(clean),
            proposed_by=by,
            created_at=self._clock.now(),
        )

    async def _plan(
        self, uow: UnitOfWork, example_ids: Sequence[str], *, everywhere: bool
    ) -> _Plan:
        ids = list(dict.fromkeys(example_ids))
        if not 1 <= len(ids) <= MOST_AT_ONCE:
            raise InvalidInput(f"Name 1 to {MOST_AT_ONCE} examples.")
        found = [await _required(uow, one) for one in ids]
        for example in found:
            example.decided(ExampleStatus.ACCEPTED, "", self._clock.now())
        scopes = {None if everywhere else example.community for example in found}
        if len(scopes) > 1:
            raise InvalidInput("These examples belong to several communities.")
        (scope,) = scopes
        live = await uow.examples.live(scope, [example.content_hash for example in found])
        leaving = [e for e in live if e.status is ExampleStatus.ACCEPTED]
        return await self._planned(uow, scope, found, leaving)

    async def _plan_without(self, uow: UnitOfWork, example_id: str, by: str) -> _Plan:
        example = await _required(uow, example_id)
        example.decided(ExampleStatus.RETIRED, by, self._clock.now())
        return await self._planned(uow, example.community, [], [example])

    async def _planned(
        self,
        uow: UnitOfWork,
        scope: str | None,
        joining: Sequence[Example],
        leaving: Sequence[Example],
    ) -> _Plan:
        present = await uow.examples.accepted(scope)
        gone = {example.id for example in leaving}
        kept = [example for example in present if example.id not in gone]
        after = sorted([*kept, *joining], key=_order)
        return _Plan(
            scope, tuple(joining), tuple(leaving), self._whole(present), self._whole(after)
        )

    def _whole(self, learned: Sequence[Example]) -> tuple[LabelledExample, ...]:
        return with_learned(self._taxonomy, self._shipped, labelled(learned))

    async def _compare(self, plan: _Plan) -> Comparison:
        try:
            return await asyncio.to_thread(self._comparer.compare, plan.before, plan.after)
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error

    async def _adopt(
        self, plan: _Plan, report: Comparison, *, by: str, insist: str, everywhere: bool
    ) -> Outcome | None:
        """Store verdict and examples; None when the set changed while it was compared."""
        refit = self._refit(plan, report, by, insist)
        held = refit.verdict is RefitVerdict.HELD
        async with self._uow() as uow:
            await uow.examples.lock()
            present = await uow.examples.accepted(plan.scope)
            if set_stamp(self._whole(present)) != report.before:
                return None
            await uow.refits.add(refit)
            leaving = [] if held else list(plan.leaving)
            left = [await _decide(uow, e, ExampleStatus.RETIRED, refit) for e in leaving]
            wanted = ExampleStatus.HELD if held else ExampleStatus.ACCEPTED
            scope = {"community": None} if everywhere and not held else {}
            joined = [
                await _decide(uow, one.model_copy(update=scope), wanted, refit)
                for one in plan.joining
            ]
            if not held:
                name = PART if plan.scope is None else f"{PART}/{plan.scope}"
                await uow.versions.put(name, report.after, refit.created_at)
            await uow.commit()
        return Outcome(refit, (*joined, *left))

    def _refit(self, plan: _Plan, report: Comparison, by: str, insist: str) -> Refit:
        verdict = RefitVerdict.ADOPTED
        if report.worse:
            verdict = RefitVerdict.INSISTED if insist.strip() else RefitVerdict.HELD
        return Refit(
            id=self._ids.new("fit"),
            community=plan.scope,
            verdict=verdict,
            example_ids=tuple(one.id for one in (*plan.joining, *plan.leaving)),
            report=report,
            by=by,
            reason=self._redactor.redact(insist.strip()).text,
            created_at=self._clock.now(),
        )


def labelled(examples: Sequence[Example]) -> tuple[LabelledExample, ...]:
    """Accepted examples as the heads take them, those of the community after shared ones."""
    return tuple(
        LabelledExample(id=e.id, text=e.text, category=e.category, lang=e.lang, origin="learned")
        for e in sorted(examples, key=_order)
    )


def _order(example: Example) -> tuple[bool, str]:
    """A community's own label counts where a shared example has the same text."""
    return (example.community is not None, example.id)


async def _required(uow: UnitOfWork, example_id: str) -> Example:
    example = await uow.examples.get(example_id, lock=True)
    if example is None:
        raise NotFound("There is no such example.")
    return example


async def _decide(uow: UnitOfWork, example: Example, to: ExampleStatus, refit: Refit) -> Example:
    """The example as the refit left it; one that stays held is only tied to the newer refit."""
    current = await _required(uow, example.id)
    if current.status is not to:
        current.decided(to, refit.by, refit.created_at)
    decided = example.model_copy(
        update={
            "status": to,
            "decided_by": refit.by,
            "decided_at": refit.created_at,
            "reason": refit.reason,
            "refit_id": refit.id,
        }
    )
    await uow.examples.save(decided)
    return decided
