"""The calendar: a month of posts, day by day; series, moves, and a feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.calendar import LIVE, Entry, EntryState
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.web.calendar_feed import feed, hash_of, new_secret
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/calendar")

DAYS = 35
"""Days of one page."""

FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=180)

MOVABLE = LIVE - {EntryState.DELIVERED, EntryState.PLANNED}


class Line(NamedTuple):
    """An entry at its local time."""

    entry: Entry
    at: datetime


@router.get("")
async def month(request: Request, looking: Looking) -> Response:
    """Five weeks from a day on."""
    looking.require(Scope.POSTS_WRITE)
    return await _page(request, looking)


@router.post("/posts/{post_id}")
async def move(request: Request, post_id: str, looking: Looking) -> Response:
    """Another time for a post, or none."""
    looking.require(Scope.POSTS_WRITE)
    form = await form_of(request, looking.session.id)
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.posts.get(post_id)
    if found is None:
        raise NotFound("There is no such post.")
    looking.within(found.community)
    try:
        at = None if form.get("action") == "call_off" else _moment(form.get("at", ""), looking.zone)
        await application.calendar.move(post_id, at, looking.user.id, form.get("note", ""))
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error=error)
    return RedirectResponse("/calendar", 303)


@router.post("/series/{series_id}/end")
async def end(request: Request, series_id: str, looking: Looking) -> Response:
    """No further posts of a series."""
    looking.require(Scope.POSTS_WRITE)
    await form_of(request, looking.session.id)
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.calendar.series(series_id)
    if found is None:
        raise NotFound("There is no such series.")
    looking.within(found.community)
    await application.calendar.end(series_id, looking.user.id)
    return RedirectResponse("/calendar", 303)


@router.post("/feed")
async def make_feed(request: Request, looking: Looking) -> Response:
    """A fresh address for people's own calendars; it is shown once, earlier ones end."""
    looking.require(Scope.ADMIN)
    await form_of(request, looking.session.id)
    secret = new_secret()
    changed = looking.community.model_copy(update={"feed_hash": hash_of(secret)})
    async with application_of(request).uow() as uow:
        await uow.communities.save(changed)
        await uow.commit()
    return await _page(request, looking, secret=secret)


@router.get("/feed/{secret}.ics")
async def read_feed(
    request: Request, secret: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{20,64}$")]
) -> Response:
    """The calendar for whoever knows the address; titles, times and links only."""
    application = application_of(request)
    async with application.uow() as uow:
        community = await uow.communities.by_feed(hash_of(secret))
    if community is None:
        raise NotFound("There is no such feed.")
    now = application.clock.now()
    entries = await application.calendar.view(community, now - FEED_BACK, now + FEED_AHEAD)
    base = str(request.base_url).rstrip("/")
    body = feed(community, entries, base, community.default_lang)
    return Response(body, media_type="text/calendar; charset=utf-8")


def _moment(value: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=zone)
    except ValueError as error:
        raise InvalidInput("Give the post a time.") from error


def _first(asked: str, today: date) -> date:
    """The Monday of the week asked for."""
    try:
        day = date.fromisoformat(asked)
        return day - timedelta(days=day.weekday())
    except (ValueError, OverflowError):
        return today - timedelta(days=today.weekday())


def _by_day(entries: Sequence[Entry], zone: ZoneInfo) -> list[tuple[date, list[Line]]]:
    lines = [Line(one, one.at.astimezone(zone)) for one in entries]
    return [(day, list(found)) for day, found in groupby(lines, key=lambda one: one.at.date())]


async def _page(
    request: Request,
    looking: Viewer,
    *,
    error: AppError | None = None,
    secret: str | None = None,
) -> Response:
    application, zone = application_of(request), looking.zone
    today = application.clock.now().astimezone(zone).date()
    first = _first(request.query_params.get("from", ""), today)
    start = datetime.combine(first, time(), zone)
    entries = await application.calendar.view(
        looking.community, start, start + timedelta(days=DAYS)
    )
    return pages_of(request).page(
        request,
        looking,
        "calendar.html",
        http_status=status_of(error) if error else 200,
        error=error,
        days=_by_day(entries, zone),
        today=today,
        first=first,
        earlier=first - timedelta(days=DAYS),
        later=first + timedelta(days=DAYS),
        series=await application.calendar.series(looking.community.id),
        movable=MOVABLE,
        feed_address=f"{str(request.base_url).rstrip('/')}/calendar/feed/{secret}.ics"
        if secret
        else None,
    )
