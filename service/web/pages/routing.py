"""Routing rules and rehearsals: what decides, what a change would flip, what is late."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from service.domain.account import Scope
from service.domain.report import RehearsalSubject, Report
from service.domain.routing import RoutingRules, RoutingSet
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.web.pages.links import with_cursor
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter()

DAYS = 14
PAGE = 40


@router.get("/routing")
async def routing(request: Request, looking: Looking) -> Response:
    """The versions, and the rehearsals of them."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("/routing")
async def put(request: Request, looking: Looking) -> Response:
    """Store the whole set as a new version."""
    looking.require(Scope.ROUTING_WRITE)
    form = await form_of(request, looking.session.id)
    text = form.get("rules", "")
    try:
        rules = _rules(text)
        await application_of(request).routing.put(looking.community.id, rules, by=looking.user.id)
    except InvalidInput as error:
        return await _page(request, looking, error, text)
    return RedirectResponse("/routing", 303)


@router.post("/routing/{version}/rehearse")
async def rehearse(request: Request, version: int, looking: Looking) -> Response:
    """Queue a rehearsal of the last two weeks."""
    looking.require(Scope.ROUTING_WRITE)
    await form_of(request, looking.session.id)
    given = await _version(request, looking, version)
    subject = RehearsalSubject(days=DAYS, set_id=given.id)
    report = await application_of(request).rehearse.request(
        looking.community.id, subject, by=looking.user.id
    )
    return RedirectResponse(f"/reports/{report.id}", 303)


@router.post("/routing/{version}/activate")
async def activate(request: Request, version: int, looking: Looking) -> Response:
    """Let a version decide, by the rehearsal that was seen."""
    looking.require(Scope.ROUTING_WRITE)
    form = await form_of(request, looking.session.id)
    try:
        await application_of(request).routing.activate(
            looking.community.id, version, form.get("hash", ""), by=looking.user.id
        )
    except Conflict as error:
        return await _page(request, looking, error)
    return RedirectResponse("/routing", 303)


@router.get("/reports/{report_id}")
async def report(request: Request, report_id: str, looking: Looking) -> Response:
    """A rehearsal: its counts and every flip."""
    looking.require(Scope.CASES_READ)
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.reports.get(report_id)
        rules = await uow.routing.get(found.subject.set_id or "") if found else None
    if found is None:
        raise NotFound("There is no such report.")
    looking.within(found.community)
    cursor = request.query_params.get("cursor")
    page = await application.queries.flips(report_id, cursor=cursor, limit=PAGE)
    return pages_of(request).page(
        request,
        looking,
        "report.html",
        report=found,
        rules=rules,
        flips=page.items,
        excerpts=await application.insights.excerpts([one.case_id for one in page.items]),
        more=with_cursor(request, page.cursor),
        names=await names(request),
    )


async def _version(request: Request, looking: Viewer, version: int) -> RoutingSet:
    async with application_of(request).uow() as uow:
        found = await uow.routing.version(looking.community.id, version)
    if found is None:
        raise NotFound("There is no such version of the routing rules.")
    return found


async def _page(
    request: Request, looking: Viewer, error: AppError | None = None, text: str | None = None
) -> Response:
    application, community = application_of(request), looking.community.id
    async with application.uow() as uow:
        versions = await uow.routing.all(community)
        active = await uow.routing.active(community)
    reports = await application.queries.reports(community, limit=10)
    shown: tuple[Report, ...] = reports.items
    breaches = (await application.queries.breaches(community, limit=10)).items
    return pages_of(request).page(
        request,
        looking,
        "routing.html",
        http_status=status_of(error) if error else 200,
        error=error,
        versions=versions,
        active=active,
        reports=shown,
        version_of={one.id: one.version for one in versions},
        text=_text(versions[0] if versions else None) if text is None else text,
        names=await names(request),
        breaches=breaches,
        excerpts=await application.insights.excerpts([one.case_id for one in breaches]),
    )


def _rules(text: str) -> RoutingRules:
    """The set a form holds, as JSON.

    Raises:
        InvalidInput: naming the first entry that cannot be used.
    """
    try:
        return RoutingRules.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise InvalidInput(f"{where}: {first['msg']}") from error


def _text(given: RoutingSet | None) -> str:
    """The newest set as a person edits it: what is not set is left out."""
    if given is None:
        return json.dumps({"rules": []}, indent=2)
    rules = RoutingRules(rules=given.rules, default_queue=given.default_queue)
    shown = rules.model_dump(mode="json", exclude_defaults=True) | {"rules": []}
    shown["rules"] = [rule.model_dump(mode="json", exclude_defaults=True) for rule in rules.rules]
    return json.dumps(shown, indent=2, ensure_ascii=False)
