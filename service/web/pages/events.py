"""Events: what was held, how it went, and what the data say of why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from service.domain.account import Scope
from service.domain.event import Event, EventDetails
from service.domain.fact import FactAsk
from service.errors import AppError, InvalidInput, NotFound
from service.web.facts_view import causes_of, fact_groups, without_spreads
from service.web.pages.links import query_without, with_cursor
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/events")

PAGE = 30

TIMES = ("start", "end", "announced_at")
COUNTS = ("registered", "attended")


@router.get("")
async def events(request: Request, looking: Looking) -> Response:
    """The list, and the form for another one."""
    looking.require(Scope.CASES_READ)
    return await _list(request, looking)


@router.post("")
async def add(request: Request, looking: Looking) -> Response:
    """Write an event down."""
    looking.require(Scope.POSTS_WRITE)
    form = await form_of(request, looking.session.id)
    try:
        details = _details(form, looking)
    except InvalidInput as error:
        return await _list(request, looking, form=form, error=error)
    event = await application_of(request).events.add(
        looking.community.id, details, by=looking.user.id
    )
    return RedirectResponse(f"/events/{event.id}", 303)


@router.get("/{event_id}")
async def read(request: Request, event_id: str, looking: Looking) -> Response:
    """The funnel, earlier events, and possible causes with their verdicts."""
    looking.require(Scope.CASES_READ)
    return await _one(request, looking, await _find(request, event_id, looking))


@router.post("/{event_id}")
async def change(request: Request, event_id: str, looking: Looking) -> Response:
    """Say anew what is known of it."""
    looking.require(Scope.POSTS_WRITE)
    form = await form_of(request, looking.session.id)
    event = await _find(request, event_id, looking)
    try:
        details = _details(form, looking)
    except InvalidInput as error:
        return await _one(request, looking, event, form=form, error=error)
    await application_of(request).events.change(event_id, details, by=looking.user.id)
    return RedirectResponse(f"/events/{event_id}", 303)


def _details(form: Mapping[str, str], looking: Viewer) -> EventDetails:
    """What the form says; times are local.

    Raises:
        InvalidInput: naming the field that cannot be used.
    """
    given: dict[str, object] = {name: form.get(name, "").strip() for name in ("name", "channel")}
    try:
        for name in TIMES:
            given[name] = _moment(form.get(name, ""), looking)
        for name in COUNTS:
            given[name] = form.get(name, "").strip() or None
        return EventDetails.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "event"
        raise InvalidInput(f"{field}: {first['msg']}") from error
    except ValueError as error:
        raise InvalidInput("A time cannot be read.") from error


def _moment(value: str, looking: Viewer) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=looking.zone) if value else None


def _form_of(event: Event, looking: Viewer) -> dict[str, str]:
    """The details as the form shows them."""
    details = event.details
    moments = {name: getattr(details, name) for name in TIMES}
    counts = {name: getattr(details, name) for name in COUNTS}
    return {
        "name": details.name,
        "channel": details.channel,
        **{
            name: at.astimezone(looking.zone).strftime("%Y-%m-%dT%H:%M") if at else ""
            for name, at in moments.items()
        },
        **{name: "" if count is None else str(count) for name, count in counts.items()},
    }


async def _find(request: Request, event_id: str, looking: Viewer) -> Event:
    async with application_of(request).uow() as uow:
        event = await uow.events.get(event_id)
    if event is None:
        raise NotFound("There is no such event.")
    looking.within(event.community)
    return event


async def _list(
    request: Request,
    looking: Viewer,
    *,
    form: Mapping[str, str] | None = None,
    error: AppError | None = None,
) -> Response:
    cursor = request.query_params.get("cursor")
    page = await application_of(request).queries.events(
        looking.community.id, cursor=cursor, limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "events.html",
        http_status=status_of(error) if error else 200,
        rows=page.items,
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if cursor else None,
        form=form or {},
        error=error,
    )


async def _one(
    request: Request,
    looking: Viewer,
    event: Event,
    *,
    form: Mapping[str, str] | None = None,
    error: AppError | None = None,
) -> Response:
    ask = FactAsk(
        community=event.community, groups=("hypotheses",), subject=event.id, lang=looking.lang
    )
    found = await application_of(request).facts.facts(ask)
    return pages_of(request).page(
        request,
        looking,
        "event.html",
        http_status=status_of(error) if error else 200,
        event=event,
        facts=fact_groups(without_spreads(found)),
        causes=causes_of(found),
        form=form or _form_of(event, looking),
        error=error,
    )
