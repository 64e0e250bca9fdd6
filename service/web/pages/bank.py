"""Keeping the managed terms of the phrase bank."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from service.domain.account import Scope
from service.domain.bank import TermDraft, TermKind, TermStatus
from service.domain.evaluation import Promotion, SubjectKind, Trial
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.ports.queries import TermFilter
from service.triage.bank_terms import TermFormat, read_terms
from service.web.pages.gate_view import overriding
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.pages.previews import start
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/bank")

PAGE = 50
LONGEST_FORM = 100_000

_BLANK = {"phrases": "", "kind": TermKind.SEVERITY.value, "floor": "3", "code": "managed"}
"""The form of new terms as it begins."""


@router.get("")
async def terms(request: Request, looking: Looking) -> Response:
    """The terms that pass the filters."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("")
async def add(request: Request, looking: Looking) -> Response:
    """Put terms of this community in force, one a line."""
    looking.require(Scope.BANK_WRITE)
    form = await form_of(request, looking.session.id)
    content = form.get("phrases", "")[:LONGEST_FORM]
    try:
        like = _like(form.get("kind", ""), form.get("floor", ""), form.get("code", ""))
        drafts = read_terms(content, TermFormat.LINES, like)
        if "compare" in form or "preview" in form:
            trial = await application_of(request).bank.trial(looking.community.id, drafts)
            return await _look_first(request, looking, trial, form)
        done = await application_of(request).bank.add(
            looking.community.id,
            drafts,
            by=looking.user.id,
            override=overriding(looking, form.get("override", "")),
        )
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error, form)
    return RedirectResponse(f"/bank?added={done.added}&known={done.known}", 303)


@router.post("/{term_id}/retire")
async def retire(request: Request, term_id: str, looking: Looking) -> Response:
    """Take a term out of use; shared ones are for administrators."""
    looking.require(Scope.BANK_WRITE)
    form = await form_of(request, looking.session.id)
    async with application_of(request).uow() as uow:
        term = await uow.bank.get(term_id)
    if term is None:
        raise NotFound("There is no such term.")
    if term.community is None:
        looking.require(Scope.ADMIN)
    else:
        looking.within(term.community)
    reason, bank = form.get("reason", "")[:500], application_of(request).bank
    try:
        if "compare" in form or "preview" in form:
            trial = await bank.trial_without(term_id)
            return await _look_first(request, looking, trial, form)
        override = overriding(looking, form.get("override", ""))
        await bank.retire(term_id, by=looking.user.id, reason=reason, override=override)
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error)
    return RedirectResponse("/bank", 303)


async def _look_first(
    request: Request, looking: Viewer, trial: Trial, form: Mapping[str, str]
) -> Response:
    """Compare the change with production, or replay it on the community's own cases."""
    if "preview" in form:
        return await start(request, looking, trial, form)
    done = await application_of(request).evaluations.request(trial, by=looking.user.id)
    return RedirectResponse(f"/evaluations/{done.evaluation.id}", 303)


def _like(kind: str, floor: str, code: str) -> TermDraft:
    grave = kind == TermKind.SEVERITY
    try:
        return TermDraft.model_validate(
            {"phrase": "--", "kind": kind, "code": code or "managed"}
            | ({"floor": floor} if grave else {})
        )
    except ValidationError as error:
        raise InvalidInput("Kind, code or severity cannot be used.") from error


async def _page(
    request: Request,
    looking: Viewer,
    error: AppError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    application, asked = application_of(request), request.query_params
    status = asked.get("status", TermStatus.ACTIVE.value)
    where = TermFilter(
        status=status if status in list(TermStatus) else None,
        kind=asked.get("kind") if asked.get("kind") in list(TermKind) else None,
        text=asked.get("text", "").strip()[:200],
    )
    page = await application.queries.bank_terms(
        looking.community.id, where, cursor=asked.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "bank.html",
        http_status=status_of(error) if error else 200,
        error=error,
        rows=page.items,
        where=where,
        kinds=tuple(TermKind),
        statuses=tuple(TermStatus),
        gate=application.settings.gate.bank,
        way=await _way_in(request, looking.community.id),
        given=_BLANK | {name: (form or {}).get(name, blank) for name, blank in _BLANK.items()},
        added=_count(asked.get("added")),
        known=_count(asked.get("known")),
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
    )


async def _way_in(request: Request, community: str) -> Promotion | None:
    """How the last change came into force."""
    queries = application_of(request).queries
    page = await queries.promotions(community, kind=SubjectKind.BANK, limit=1)
    return page.items[0] if page.items else None


def _count(given: str | None) -> int | None:
    plain = given is not None and given.isascii() and given.isdigit() and len(given) < 7
    return int(given) if given is not None and plain else None
