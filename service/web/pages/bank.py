"""Keeping the managed terms of the phrase bank."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from service.domain.account import Scope
from service.domain.bank import TermDraft, TermKind, TermStatus
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.ports.queries import TermFilter
from service.triage.bank_terms import TermFormat
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/bank")

PAGE = 50
LONGEST_FORM = 100_000


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
        done = await application_of(request).bank.load(
            looking.community.id, content, TermFormat.LINES, like, by=looking.user.id
        )
    except InvalidInput as error:
        return await _page(request, looking, error)
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
    reason = form.get("reason", "")[:500]
    try:
        await application_of(request).bank.retire(term_id, by=looking.user.id, reason=reason)
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error)
    return RedirectResponse("/bank", 303)


def _like(kind: str, floor: str, code: str) -> TermDraft:
    grave = kind == TermKind.SEVERITY
    try:
        return TermDraft.model_validate(
            {"phrase": "--", "kind": kind, "code": code or "managed"}
            | ({"floor": floor} if grave else {})
        )
    except ValidationError as error:
        raise InvalidInput("Kind, code or severity cannot be used.") from error


async def _page(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
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
        added=_count(asked.get("added")),
        known=_count(asked.get("known")),
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
    )


def _count(given: str | None) -> int | None:
    plain = given is not None and given.isascii() and given.isdigit() and len(given) < 7
    return int(given) if given is not None and plain else None
