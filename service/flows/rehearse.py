"""Rehearsals: stored cases are judged or routed again as a change would have it; nothing stored is
touched. Cases are read in chunks, so memory does not grow with their number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from retrieval.errors import EmbedderUnavailable
from service.domain.case import CaseText
from service.domain.report import (
    Flip,
    Outcome,
    RehearsalSubject,
    Report,
    ReportKind,
    ReportStatus,
)
from service.domain.taxonomy import Taxonomy
from service.domain.triage import Judgement, Triage
from service.errors import NotFound, TransientProviderError
from service.flows.given_up import MOST_SWEPT, given_up
from service.flows.routes import routes_of
from service.flows.tally import Tally
from service.ports.clock import Clock, Ids
from service.ports.engines import CandidateEngines, Triager
from service.ports.jobs import Job
from service.ports.routing import CasePlace
from service.ports.store import UnitOfWork, UowFactory
from service.triage.standing import as_decided, by_category

CHUNK = 256

OnProgress = Callable[[int], None]
"""Receives the number of cases gone over."""


class _Stored(NamedTuple):
    case: CaseText
    triage: Triage


Again = Callable[[Sequence[_Stored]], Awaitable[list[Judgement]]]
"""What the change makes of stored cases, in order."""


class RehearseFlow:
    """Queues and runs rehearsals."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        taxonomy: Taxonomy,
        candidates: CandidateEngines,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._taxonomy, self._candidates = uow, taxonomy, candidates
        self._clock, self._ids = clock, ids

    async def request(
        self, community: str, subject: RehearsalSubject, *, by: str, queue: bool = True
    ) -> Report:
        """Store what is to be rehearsed, and the job for it.

        Raises:
            NotFound: no such community or routing set.
            InvalidInput: the candidate's files cannot be used.
        """
        if subject.candidate is not None:
            await asyncio.to_thread(self._candidates.check, subject.candidate)
        kind = ReportKind.SHADOW if subject.set_id is None else ReportKind.ROUTING
        report = Report(
            id=self._ids.new("rep"),
            community=community,
            kind=kind,
            status=ReportStatus.QUEUED,
            subject=subject,
            created_by=by,
            created_at=self._clock.now(),
        )
        async with self._uow() as uow:
            await self._require(uow, report)
            await uow.reports.save(report)
            if queue:
                await uow.jobs.defer(Job.REHEARSE, {"report_id": report.id}, key=_key(report.id))
            await uow.commit()
        return report

    async def run(self, report_id: str, on_progress: OnProgress | None = None) -> Report:
        """Go over the cases and keep the flips; a finished one is left as it is.

        Raises:
            NotFound: no such report.
            TransientProviderError: the embedder is not available now.
        """
        report = await self._start(report_id)
        if report.status is ReportStatus.DONE:
            return report
        try:
            tally = await self._go_over(report, on_progress)
        except EmbedderUnavailable as error:
            await self._save(report, status=ReportStatus.FAILED)
            raise TransientProviderError("The embedder is not available now.") from error
        except Exception:
            await self._save(report, status=ReportStatus.FAILED)
            raise
        now = self._clock.now()
        return await self._save(
            report,
            status=ReportStatus.DONE,
            summary=tally.summary(
                since=_since(report), seconds=(now - tally.began).total_seconds()
            ),
            hash=tally.digest(),
            finished_at=now,
        )

    async def sweep(self) -> int:
        """Write down as failed what no job carries on any more; how many."""
        async with self._uow() as uow:
            found = await uow.reports.unfinished(MOST_SWEPT)
            fates = await uow.jobs.fates([_key(one.id) for one in found])
        now = self._clock.now()
        ended = [one for one in found if given_up(fates.get(_key(one.id)), one.created_at, now)]
        for one in ended:
            await self._save(one, status=ReportStatus.FAILED)
        return len(ended)

    async def _require(self, uow: UnitOfWork, report: Report) -> None:
        if await uow.communities.get(report.community) is None:
            raise NotFound("There is no such community.")
        if report.subject.set_id is None:
            return
        given = await uow.routing.get(report.subject.set_id)
        if given is None or given.community != report.community:
            raise NotFound("There is no such version of the routing rules.")

    async def _start(self, report_id: str) -> Report:
        async with self._uow() as uow:
            report = await uow.reports.get(report_id)
            if report is None:
                raise NotFound("There is no such report.")
            if report.status is ReportStatus.DONE:
                return report
            running = report.model_copy(update={"status": ReportStatus.RUNNING})
            await uow.reports.clear(report_id)
            await uow.reports.save(running)
            await uow.commit()
        return running

    async def _save(self, report: Report, **changes: object) -> Report:
        changed = report.model_copy(update=changes)
        async with self._uow() as uow:
            await uow.reports.save(changed)
            await uow.commit()
        return changed

    async def _go_over(self, report: Report, on_progress: OnProgress | None) -> Tally:
        again, tally = await self._again(report), Tally(report, self._clock.now())
        place: CasePlace | None = None
        while True:
            async with self._uow() as uow:
                stored, place = await _chunk(uow, report, place)
            later = await again(stored) if stored else []
            flips = [
                flip
                for one, judgement in zip(stored, later, strict=True)
                if (flip := _compare(tally, one.triage, judgement)) is not None
            ]
            async with self._uow() as uow:
                await uow.reports.add_flips(report.id, flips)
                await uow.commit()
            if on_progress is not None:
                on_progress(tally.cases)
            if place is None:
                return tally

    async def _again(self, report: Report) -> Again:
        if report.subject.candidate is None:
            return self._rerouting(report)
        engine = await self._candidates.build(report.community, report.subject.candidate)
        return self._rejudging(report, engine)

    def _rerouting(self, report: Report) -> Again:
        async def again(stored: Sequence[_Stored]) -> list[Judgement]:
            plain = [
                by_category(one.triage.judgement, self._taxonomy, one.case.case.last_at)
                for one in stored
            ]
            return await self._routed(report, stored, plain)

        return again

    def _rejudging(self, report: Report, engine: Triager) -> Again:
        async def again(stored: Sequence[_Stored]) -> list[Judgement]:
            texts = [_seen(one) for one in stored]
            times = [one.case.case.last_at for one in stored]
            judged = await asyncio.to_thread(engine.judge, texts, times)
            decided = [
                as_decided(later.judgement, one.triage.standing, engine.taxonomy, at)
                for later, one, at in zip(judged, stored, times, strict=True)
            ]
            return await self._routed(report, stored, decided)

        return again

    async def _routed(
        self, report: Report, stored: Sequence[_Stored], judgements: Sequence[Judgement]
    ) -> list[Judgement]:
        """By the rehearsed rules, or those in force."""
        async with self._uow() as uow:
            set_id = report.subject.set_id
            given = await uow.routing.get(set_id) if set_id else None
            ids = [one.case.case.id for one in stored]
            routes = await routes_of(uow, report.community, ids, given)
        if routes is None:
            return list(judgements)
        return [
            routes.routed(judgement, one.case.case, one.triage.standing)
            for judgement, one in zip(judgements, stored, strict=True)
        ]


def _seen(stored: _Stored) -> str:
    """The text the stored triage saw."""
    return "\n".join(m.text for m in stored.case.messages[: stored.triage.case_size])


async def _chunk(
    uow: UnitOfWork, report: Report, place: CasePlace | None
) -> tuple[list[_Stored], CasePlace | None]:
    """The next cases, newest first, and where to go on; None at the end."""
    places = await uow.reports.cases(
        report.community, since=_since(report), after=place, limit=CHUNK
    )
    ids = [one.case_id for one in places]
    texts, triages = await uow.cases.texts(ids), await uow.triages.latest(ids)
    stored = [_Stored(texts[i], triages[i]) for i in ids if i in texts and i in triages]
    return stored, places[-1] if len(places) == CHUNK else None


def _compare(tally: Tally, triage: Triage, later: Judgement) -> Flip | None:
    """Count the case; what people set stays, so it never flips."""
    before = _outcome(triage.judgement)
    kept = {name: getattr(before, name) for name in triage.by_person}
    after = _outcome(later).model_copy(update=kept)
    confidence = later.labels[0].confidence if later.labels else None
    return tally.add(triage.case_id, before, after, confidence)


def _outcome(judgement: Judgement) -> Outcome:
    route = judgement.route
    return Outcome(
        categories=tuple(label.category for label in judgement.labels),
        severity=judgement.severity,
        sentiment=judgement.sentiment.value,
        department=route.department.value,
        pressing=route.pressing,
        rule=route.rule,
        due_at=route.due_at,
    )


def _key(report_id: str) -> str:
    """Of its job."""
    return f"rehearse:{report_id}"


def _since(report: Report) -> datetime:
    return report.created_at - timedelta(days=report.subject.days)
