"""Suggested entries of the FAQ: accept, edit, put off, reject."""

from __future__ import annotations

from collections.abc import Awaitable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.base import Lang
from service.domain.knowledge import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    LONGEST_REASON,
    Suggestion,
    SuggestionStatus,
)
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.flows.knowledge_desk import Wording
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/knowledge")

PAGE = 20
REST = 30
"""Days that one press of the key puts a suggestion off."""


@router.get("")
async def suggestions(request: Request, looking: Looking) -> Response:
    """What waits for an editor, or what became of the others."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("/{suggestion_id}/accept")
async def accept(request: Request, suggestion_id: str, looking: Looking) -> Response:
    """Make it an entry, as suggested or as edited."""
    form = await _form(request, suggestion_id, looking)
    lang = form.get("lang")
    wording = Wording(
        question=form.get("question"),
        answer=form.get("answer"),
        lang=Lang(lang) if lang in list(Lang) else None,
    )
    desk = application_of(request).knowledge_desk
    done = desk.accept(suggestion_id, wording, by=looking.user.id)
    return await _done(request, looking, done, suggestion_id)


@router.post("/{suggestion_id}/reject")
async def reject(request: Request, suggestion_id: str, looking: Looking) -> Response:
    """Refuse it for good, with a reason."""
    reason = (await _form(request, suggestion_id, looking)).get("reason", "")
    desk = application_of(request).knowledge_desk
    done = desk.reject(suggestion_id, by=looking.user.id, reason=reason)
    return await _done(request, looking, done, suggestion_id)


@router.post("/{suggestion_id}/postpone")
async def postpone(request: Request, suggestion_id: str, looking: Looking) -> Response:
    """Put it off."""
    await _form(request, suggestion_id, looking)
    desk = application_of(request).knowledge_desk
    done = desk.postpone(suggestion_id, by=looking.user.id, days=REST)
    return await _done(request, looking, done, suggestion_id)


@router.post("/{suggestion_id}/retire")
async def retire(request: Request, suggestion_id: str, looking: Looking) -> Response:
    """Take an entry out of the FAQ, with a reason."""
    reason = (await _form(request, suggestion_id, looking)).get("reason", "")
    desk = application_of(request).knowledge_desk
    done = desk.retire(suggestion_id, by=looking.user.id, reason=reason)
    return await _done(request, looking, done, suggestion_id)


async def _done(
    request: Request, looking: Viewer, step: Awaitable[Suggestion], suggestion_id: str
) -> Response:
    """Back to the list, where the outcome is said, or the page with what was wrong."""
    try:
        await step
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error)
    return RedirectResponse(f"/knowledge?done={suggestion_id}", 303)


async def _form(request: Request, suggestion_id: str, looking: Viewer) -> dict[str, str]:
    looking.require(Scope.RULES_WRITE)
    form = await form_of(request, looking.session.id)
    looking.within((await _required(request, suggestion_id)).community)
    return form


async def _required(request: Request, suggestion_id: str) -> Suggestion:
    async with application_of(request).uow() as uow:
        found = await uow.knowledge.get(suggestion_id)
    if found is None:
        raise NotFound("There is no such suggestion.")
    return found


async def _page(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    application, asked = application_of(request), request.query_params
    given = asked.get("status", SuggestionStatus.PROPOSED.value)
    status = SuggestionStatus(given) if given in list(SuggestionStatus) else None
    page = await application.queries.suggestions(
        looking.community.id,
        status=status,
        now=application.clock.now(),
        cursor=asked.get("cursor"),
        limit=PAGE,
    )
    return pages_of(request).page(
        request,
        looking,
        "knowledge.html",
        http_status=status_of(error) if error else 200,
        error=error,
        rows=page.items,
        done=await _said(request, looking),
        status=status,
        statuses=tuple(SuggestionStatus),
        langs=tuple(Lang),
        limits={"question": LONGEST_QUESTION, "answer": LONGEST_ANSWER, "reason": LONGEST_REASON},
        rest=REST,
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
    )


async def _said(request: Request, looking: Viewer) -> Suggestion | None:
    """The suggestion just decided on, if it is one of this community."""
    if not (given := request.query_params.get("done")):
        return None
    async with application_of(request).uow() as uow:
        found = await uow.knowledge.get(given[:100])
    return found if found and found.community == looking.community.id else None
