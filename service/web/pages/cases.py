"""Finding and reading cases."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.deadline import BreachKind
from service.domain.sample import Sample
from service.domain.taxonomy import Department
from service.domain.triage import Sentiment, in_force
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.flows.reveal import Revealed
from service.ports.queries import CaseFilter
from service.web.member import said
from service.web.pages.duplicates import same_case
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/cases")

STATUSES = ("untriaged", "triaged", "in_review", "decided", "delivered")
PAGE = 40


@router.get("")
async def search(request: Request, looking: Looking) -> Response:
    """Cases that pass every filter, newest first."""
    looking.require(Scope.CASES_READ)
    application = application_of(request)
    where = _filter(request, looking)
    page = await application.queries.cases(
        looking.community.id, where, cursor=request.query_params.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "cases.html",
        rows=page.items,
        where=where,
        since_day=request.query_params.get("since", ""),
        until_day=request.query_params.get("until", ""),
        theme=await _theme(request, looking, where.theme_id),
        categories=application.taxonomy.categories,
        departments=tuple(Department),
        statuses=STATUSES,
        clocks=tuple(BreachKind),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if request.query_params.get("cursor") else None,
    )


@router.get("/{case_id}")
async def read(request: Request, case_id: str, looking: Looking) -> Response:
    """One case: what was said, judged and drafted, and which cases say the same."""
    looking.require(Scope.CASES_READ)
    return await case_page(request, looking, case_id)


@router.post("/{case_id}/merge")
async def merge(request: Request, case_id: str, looking: Looking) -> Response:
    """Say that another case is the same."""
    form = await form_of(request, looking.session.id)
    looking.require(Scope.TRIAGE)
    community = await _community(request, looking, case_id)
    other = form.get("other", "").strip()[:100]
    duplicates = application_of(request).duplicates
    try:
        await duplicates.merge(community, [case_id, other], looking.user.id)
    except (Conflict, InvalidInput, NotFound) as error:
        return await case_page(request, looking, case_id, error)
    return RedirectResponse(f"/cases/{case_id}#duplicates", 303)


@router.post("/{case_id}/unmerge")
async def unmerge(request: Request, case_id: str, looking: Looking) -> Response:
    """Say that it is not the same as another one, or as any of its group."""
    form = await form_of(request, looking.session.id)
    looking.require(Scope.TRIAGE)
    community = await _community(request, looking, case_id)
    other = form.get("other", "")[:100] or None
    duplicates = application_of(request).duplicates
    try:
        await duplicates.unmerge(community, case_id, other, looking.user.id)
    except (Conflict, InvalidInput, NotFound) as error:
        return await case_page(request, looking, case_id, error)
    return RedirectResponse(f"/cases/{case_id}#duplicates", 303)


@router.post("/{case_id}/reveal")
async def reveal(request: Request, case_id: str, looking: Looking) -> Response:
    """Show one message in clear; who looked and why is written down first."""
    form = await form_of(request, looking.session.id)
    looking.require(Scope.PII_REVEAL)
    await _community(request, looking, case_id)
    message, reason = form.get("message", "")[:100], form.get("reason", "")
    try:
        shown = await application_of(request).reveal.reveal(
            case_id, message, by=looking.user.id, reason=reason
        )
    except (InvalidInput, NotFound) as error:
        return await case_page(request, looking, case_id, error)
    return await case_page(request, looking, case_id, revealed=shown)


@router.post("/{case_id}/sample")
async def sample(request: Request, case_id: str, looking: Looking) -> Response:
    """Propose a test case of the triage as it stands."""
    await form_of(request, looking.session.id)
    looking.require(Scope.REVIEW)
    await _community(request, looking, case_id)
    harvest = application_of(request).harvest
    try:
        found = await harvest.from_case(case_id, by=looking.user.id)
    except (Conflict, InvalidInput) as error:
        return await case_page(request, looking, case_id, error)
    return await case_page(request, looking, case_id, proposed=found)


async def case_page(
    request: Request,
    looking: Viewer,
    case_id: str,
    error: AppError | None = None,
    revealed: Revealed | None = None,
    proposed: Sample | None = None,
    *,
    correcting: bool = False,
) -> Response:
    """The case; `correcting` where the error is of the form that corrects its triage."""
    application = application_of(request)
    async with application.uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    looking.within(case.case.community)
    triages = await application.queries.triages_of(case_id)
    newest = in_force(triages)
    return pages_of(request).page(
        request,
        looking,
        "case.html",
        http_status=status_of(error) if error else 200,
        error=error,
        correcting=correcting,
        same=await same_case(request, case_id),
        case=case.case,
        messages=said(case, newest, application.redactor),
        message_ids=tuple(message.id for message in case.messages),
        revealed=revealed,
        proposed=proposed,
        triage=newest,
        earlier=tuple(one for one in triages if one is not newest),
        names=await names(request),
        categories=application.taxonomy.categories,
        departments=tuple(Department),
        sentiments=tuple(Sentiment),
        task_id=await application.queries.task_of_case(case_id),
    )


async def _community(request: Request, looking: Viewer, case_id: str) -> str:
    """The case's community, if this person may see it."""
    async with application_of(request).uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    return looking.within(case.case.community).id


def _filter(request: Request, looking: Viewer) -> CaseFilter:
    """Unknown values count as not given: a link from yesterday should still open."""
    asked = request.query_params
    severity, status = asked.get("min_severity", ""), asked.get("status")
    until = _day(asked.get("until"), looking)
    return CaseFilter(
        text=asked.get("text", "").strip()[:200],
        category=asked.get("category") or None,
        department=asked.get("department") or None,
        status=status if status in STATUSES else None,
        min_severity=int(severity) if severity in tuple("01234") else None,
        since=_day(asked.get("since"), looking),
        until=until + timedelta(days=1) if until else None,
        theme_id=asked.get("theme") or None,
        sla=asked.get("sla") if asked.get("sla") in list(BreachKind) else None,
    )


def _day(value: str | None, looking: Viewer) -> datetime | None:
    """Midnight of a day in the community's time zone."""
    try:
        day = date.fromisoformat(value or "")
    except ValueError:
        return None
    return datetime.combine(day, time.min, looking.zone) if 2000 <= day.year <= 2200 else None


async def _theme(request: Request, looking: Viewer, theme_id: str | None) -> object:
    if theme_id is None:
        return None
    application = application_of(request)
    found = await application.queries.theme(
        theme_id,
        now=application.clock.now(),
        min_authors=application.settings.themes.min_authors,
    )
    return found.row if found and found.community == looking.community.id else None
