"""People correct what triage said; a correction is kept and proposes a labelled example."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.case import REPLY_WINDOW, Case
from service.domain.example import LONGEST, Example, ExampleOrigin, ExampleStatus
from service.domain.message import text_hash
from service.domain.override import LONGEST_REASON, Change, Override
from service.domain.routing import AuthorKind
from service.domain.taxonomy import Taxonomy
from service.domain.triage import Triage
from service.errors import Conflict, InvalidInput, MovedOn, NotFound
from service.flows.reach import refresh_priorities
from service.flows.routes import author_kind, routes_of, silent
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory
from service.triage.standing import by_category, corrected, floors, said


class Corrected(NamedTuple):
    """The case's triage as it now stands, the fact behind it, and the example proposed."""

    triage: Triage
    override: Override
    example: Example | None


class OverridesFlow:
    """Records corrections. The model's triage stays; a new one with the decision follows it."""

    def __init__(
        self, *, uow: UowFactory, taxonomy: Taxonomy, redactor: Redactor, clock: Clock, ids: Ids
    ) -> None:
        self._uow, self._taxonomy, self._redactor = uow, taxonomy, redactor
        self._clock, self._ids = clock, ids

    async def override(
        self, case_id: str, change: Change, *, by: str, reason: str = "", seen: str | None = None
    ) -> Corrected:
        """Set what `change` names; doing it again changes nothing.

        Args:
            seen: id of the triage the person had before them; a newer one is a conflict.

        Raises:
            InvalidInput: nothing to set, an unknown category, or a severity lowered unreasoned.
            NotFound: no such case.
            Conflict, MovedOn: not triaged yet; judged anew since it was seen.
        """
        self._check(change, reason)
        async with self._uow() as uow:
            await uow.overrides.lock([case_id])
            case, triage = await self._subject(uow, case_id, seen)
            if (again := await self._same(uow, triage, change, by)) is not None:
                return Corrected(triage, again, None)
            override = self._override(triage, change, by, reason)
            fresh = await self._corrected(uow, case, triage, override)
            example = await self._store(uow, case, fresh, override)
            await uow.commit()
        return Corrected(fresh, override, example)

    def _check(self, change: Change, reason: str) -> None:
        if not change.fields:
            raise InvalidInput("Say what is to be corrected.")
        if len(reason) > LONGEST_REASON:
            raise InvalidInput(f"A reason has at most {LONGEST_REASON} characters.")
        known = {category.id for category in self._taxonomy.categories}
        if unknown := [one for one in change.categories or () if one not in known]:
            raise InvalidInput("There is no such category.", categories=unknown)

    async def _subject(
        self, uow: UnitOfWork, case_id: str, seen: str | None
    ) -> tuple[Case, Triage]:
        text = (await uow.cases.texts([case_id])).get(case_id)
        if text is None:
            raise NotFound("There is no such case.")
        triage = (await uow.triages.latest([case_id])).get(case_id)
        if triage is None:
            raise Conflict("This case is not triaged yet; try again in a moment.")
        if seen is not None and seen != triage.id:
            raise MovedOn("The case was judged anew since you saw it; look again.")
        return text.case, triage

    async def _same(
        self, uow: UnitOfWork, triage: Triage, change: Change, by: str
    ) -> Override | None:
        """The newest correction, when it already says this."""
        standing = triage.standing
        if standing is None or change.over(standing.change) != standing.change:
            return None
        newest = (await uow.overrides.of_case(triage.case_id))[-1]
        severity = change.severity in (None, triage.judgement.severity)
        return newest if newest.by == by and severity and not standing.moved_on else None

    def _override(self, triage: Triage, change: Change, by: str, reason: str) -> Override:
        clean = self._redactor.redact(reason.strip()).text
        lowered = change.severity is not None and change.severity < triage.judgement.severity
        if lowered and not clean:
            raise InvalidInput("Lowering a severity needs a reason.")
        return Override(
            id=self._ids.new("ovr"),
            case_id=triage.case_id,
            community=triage.community,
            case_size=triage.case_size,
            change=change,
            before=said(triage.judgement),
            seen_floors=floors(triage.judgement),
            by=by,
            reason=clean,
            created_at=self._clock.now(),
        )

    async def _corrected(
        self, uow: UnitOfWork, case: Case, triage: Triage, override: Override
    ) -> Triage:
        """The triage that follows, routed by the rules in force."""
        fresh = corrected(triage, override, self._taxonomy, case.last_at)
        judgement = fresh.judgement
        if (routes := await routes_of(uow, case.community, [case.id])) is not None:
            plain = by_category(judgement, self._taxonomy, case.last_at)
            judgement = routes.routed(plain, case, fresh.standing)
        community = await uow.communities.get(case.community)
        if author_kind(community, case.author) is AuthorKind.STAFF:
            judgement = silent(judgement)
        return fresh.model_copy(
            update={
                "id": self._ids.new("tri"),
                "judgement": judgement,
                "created_at": override.created_at,
            }
        )

    async def _store(
        self, uow: UnitOfWork, case: Case, after: Triage, override: Override
    ) -> Example | None:
        await uow.overrides.add(override)
        await uow.triages.add([after])
        await refresh_priorities(uow, [case.id])
        await uow.jobs.defer(Job.HARVEST, {"case_id": case.id}, key=f"harvest:{case.id}")
        recent = case.last_at >= override.created_at - REPLY_WINDOW
        if after.judgement.route.reply_due and recent:
            key = f"draft:{case.id}:{after.case_size}"
            await uow.jobs.defer(Job.DRAFT, {"case_id": case.id}, key=key)
        example = self._example(after, override)
        return example if example and await uow.examples.propose(example) else None

    def _example(self, triage: Triage, override: Override) -> Example | None:
        """What the correction teaches: one text of one category. Two in one text teach neither."""
        text = triage.judgement.redacted.text.strip()
        categories = override.change.categories
        if categories is None or len(categories) != 1 or not 0 < len(text) <= LONGEST:
            return None
        return Example(
            id=self._ids.new("exm"),
            community=triage.community,
            text=text,
            category=categories[0],
            lang=triage.judgement.lang,
            status=ExampleStatus.PROPOSED,
            origin=ExampleOrigin.OVERRIDE,
            case_id=triage.case_id,
            override_id=override.id,
            content_hash=text_hash(text),
            proposed_by=override.by,
            created_at=override.created_at,
        )
