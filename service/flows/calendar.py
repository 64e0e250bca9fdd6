"""The calendar: series make their posts in time, editors move posts or call them off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.domain.calendar import (
    Entry,
    EntryState,
    Place,
    PostMove,
    Series,
    SeriesPlan,
    with_conflicts,
)
from service.domain.channel import Platform
from service.domain.community import Community
from service.domain.delivery import OutboxStatus
from service.domain.post import PostRequest
from service.errors import Conflict, InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Drafter
from service.ports.jobs import Job
from service.ports.queries import Queries
from service.ports.store import UnitOfWork, UowFactory

LONGEST = timedelta(days=400)
"""The longest look at the calendar."""

GRACE = timedelta(hours=12)
"""An occurrence missed by more, while nothing ran, is let go: a report of last month helps
nobody."""

MAX_NOTE = 1_000
"""Characters of a note; the rest is cut."""


class CalendarFlow:
    """Series, moves, and the view of both."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        queries: Queries,
        drafter: Drafter,
        platforms: Mapping[str, Platform],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._queries, self._drafter = uow, queries, drafter
        self._platforms, self._clock, self._ids = platforms, clock, ids

    async def view(
        self, community: Community, since: datetime, until: datetime
    ) -> tuple[Entry, ...]:
        """Posts and coming occurrences in [since, until), with what speaks against their times.

        Raises:
            InvalidInput: the time is empty or longer than `LONGEST`.
        """
        if not timedelta() < until - since <= LONGEST:
            raise InvalidInput(f"Ask for at most {LONGEST.days} days.")
        posts = await self._queries.calendar(community.id, since, until)
        planned = await self._planned(community.id, since, until)
        places = tuple(
            Place(channel=one, platform=self._platforms.get(one.platform))
            for one in community.channels
        )
        zone, now = ZoneInfo(community.timezone), self._clock.now()
        return with_conflicts((*posts, *planned), places, zone, now)

    async def series(self, community: str) -> tuple[Series, ...]:
        """Those that run."""
        async with self._uow() as uow:
            return await uow.calendar.running(community)

    async def plan(self, community: str, plan: SeriesPlan, by: str) -> Series:
        """Start a series.

        Raises:
            NotFound: no such community or kind of post.
            InvalidInput: its brief does not fit its kind.
        """
        async with self._uow() as uow:
            found = await uow.communities.get(community)
            if found is None:
                raise NotFound("There is no such community.")
            series = Series(
                id=self._ids.new("ser"),
                community=community,
                plan=plan,
                timezone=found.timezone,
                created_by=by,
                created_at=self._clock.now(),
            )
            first = plan.first.replace(tzinfo=ZoneInfo(found.timezone))
            self._drafter.accept(series.brief_for(first), ZoneInfo(found.timezone))
            await uow.calendar.add_series(series)
            await uow.commit()
        return series

    async def end(self, series_id: str, by: str) -> Series:
        """No further posts; those made stay. Again changes nothing.

        Raises:
            NotFound: there is none.
        """
        async with self._uow() as uow:
            series = await uow.calendar.series(series_id, lock=True)
            if series is None:
                raise NotFound("There is no such series.")
            if series.ended_at is not None:
                return series
            ended = series.model_copy(update={"ended_by": by, "ended_at": self._clock.now()})
            await uow.calendar.save_series(ended)
            await uow.commit()
        return ended

    async def sweep(self) -> int:
        """Make the posts of occurrences that are near; how many. Each is made once."""
        async with self._uow() as uow:
            running = await uow.calendar.running()
        made = 0
        for series in running:
            made += await self._make(series)
        return made

    async def move(self, request_id: str, at: datetime | None, by: str, note: str = "") -> PostMove:
        """Give a post another time, or call it off (`at` None), as long as it has not left.

        Raises:
            NotFound: there is no such post.
            Conflict: it left already, or is leaving.
            InvalidInput: the time is past.
        """
        now = self._clock.now()
        if at is not None and at < now:
            raise InvalidInput("This time is past.")
        async with self._uow() as uow:
            await uow.cases.lock(f"draft:{request_id}")
            request = await uow.posts.get(request_id)
            if request is None:
                raise NotFound("There is no such post.")
            move = PostMove(
                id=self._ids.new("mov"),
                post_request_id=request_id,
                at=at,
                by=by,
                note=note.strip()[:MAX_NOTE],
                created_at=now,
            )
            await self._carry_out(uow, move)
            await uow.calendar.add_move(move)
            await uow.commit()
        return move

    async def _carry_out(self, uow: UnitOfWork, move: PostMove) -> None:
        """Approved texts wait longer or are cancelled; open ones of a called-off post close."""
        for entry in await uow.outbox.of_post(move.post_request_id, lock=True):
            if entry.status is OutboxStatus.CANCELLED:
                continue
            waiting = entry.status in (OutboxStatus.PENDING, OutboxStatus.HELD)
            if not waiting or entry.attempts:
                raise Conflict("This post has left already, or is on its way.")
            if move.at is None:
                update: dict[str, object] = {"status": OutboxStatus.CANCELLED}
            else:
                update = {"not_before": move.at, "next_attempt_at": move.at}
            await uow.outbox.save(entry.model_copy(update=update))
            if move.at is not None and entry.status is OutboxStatus.PENDING:
                await uow.jobs.defer(Job.DELIVER, {"entry_id": entry.id}, run_at=move.at)
        if move.at is None:
            for draft in await uow.drafts.for_post(move.post_request_id):
                await uow.reviews.supersede(draft.id)

    async def _planned(self, community: str, since: datetime, until: datetime) -> tuple[Entry, ...]:
        start, found = max(since, self._clock.now()), []
        async with self._uow() as uow:
            for series in await uow.calendar.running(community):
                made = await uow.calendar.made(series.id, start)
                coming = series.occurrences(start, until) if until > start else ()
                found += [_planned(series, at) for at in coming if at not in made]
        return tuple(found)

    async def _make(self, series: Series) -> int:
        now = self._clock.now()
        since = max(series.created_at, now - GRACE)
        until = now + timedelta(hours=series.plan.lead_hours, minutes=1)
        count = 0
        async with self._uow() as uow:
            held = await uow.calendar.series(series.id, lock=True)
            if held is None or held.ended_at is not None:
                return 0
            made = await uow.calendar.made(series.id, since)
            for occurrence in held.occurrences(since, until):
                if occurrence not in made:
                    await self._request(uow, held, occurrence)
                    count += 1
            await uow.commit()
        return count

    async def _request(self, uow: UnitOfWork, series: Series, occurrence: datetime) -> None:
        zone = ZoneInfo(series.timezone)
        request = PostRequest(
            id=self._ids.new("post"),
            community=series.community,
            brief=self._drafter.accept(series.brief_for(occurrence), zone),
            requested_by=series.created_by,
            created_at=self._clock.now(),
        )
        await uow.posts.add(request)
        await uow.calendar.record(series.id, occurrence, request.id)
        await uow.jobs.defer(Job.POST, {"request_id": request.id}, key=f"post:{request.id}")


def _planned(series: Series, at: datetime) -> Entry:
    brief = series.plan.brief
    return Entry(
        id=f"{series.id}@{at.isoformat()}",
        post_request_id=None,
        series_id=series.id,
        task_id=None,
        title=brief.title,
        kind=brief.kind,
        channel=brief.forms[0].channel,
        at=at,
        state=EntryState.PLANNED,
    )
