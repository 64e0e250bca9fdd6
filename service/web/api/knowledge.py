"""Suggested entries of the FAQ."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.base import Lang
from service.domain.knowledge import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    LONGEST_REASON,
    Suggestion,
    SuggestionStatus,
)
from service.domain.views import Page
from service.errors import NotFound
from service.flows.knowledge_desk import LONGEST_REST, Wording
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.state import application_of

router = APIRouter(prefix="/knowledge", tags=["rules"], route_class=ApiRoute)

Editor = Annotated[Actor, require(Scope.RULES_WRITE)]


class EntryWording(Body):
    """How the entry is to read; what is left out stays as suggested."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{}, {"answer": "Open Settings, then Sync, and rebuild the index."}]
        }
    )

    question: str | None = Field(None, min_length=1, max_length=LONGEST_QUESTION)
    answer: str | None = Field(None, min_length=1, max_length=LONGEST_ANSWER)
    lang: Lang | None = Field(None, description="Language of the FAQ it goes to.")


class KnowledgeReason(Body):
    """Why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Holds for one release only."}]}
    )

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class Postponement(Body):
    """For how long."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": 30}]})

    days: int = Field(30, ge=1, le=LONGEST_REST)


@router.get("", responses=documented(404), summary="List suggested entries of the FAQ")
async def suggestions(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    status: SuggestionStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Suggestion]:
    """Newest first, with the cases, decisions and clauses behind each. Postponed ones whose day has
    come count as proposed."""
    application = application_of(request)
    return await application.queries.suggestions(
        community.id, status=status, now=application.clock.now(), cursor=cursor, limit=limit
    )


@router.get("/{suggestion_id}", responses=documented(404), summary="Read a suggested entry")
async def read(
    request: Request, suggestion_id: str, actor: Annotated[Actor, require(Scope.CASES_READ)]
) -> Suggestion:
    """One suggestion as it is now."""
    return await _own(request, actor, suggestion_id)


@router.post(
    "/{suggestion_id}/accept", responses=documented(404, 409, body=True), summary="Accept an entry"
)
async def accept(
    request: Request, suggestion_id: str, body: EntryWording, actor: Editor
) -> Suggestion:
    """It becomes a clause of `faq-grown-zh` or `faq-grown-en`, a new version of that document, and
    is found by the next search."""
    await _own(request, actor, suggestion_id)
    wording = Wording(body.question, body.answer, body.lang)
    desk = application_of(request).knowledge_desk
    return await desk.accept(suggestion_id, wording, by=actor.id)


@router.post(
    "/{suggestion_id}/reject", responses=documented(404, 409, body=True), summary="Reject an entry"
)
async def reject(
    request: Request, suggestion_id: str, body: KnowledgeReason, actor: Editor
) -> Suggestion:
    """The matter is not suggested again."""
    await _own(request, actor, suggestion_id)
    desk = application_of(request).knowledge_desk
    return await desk.reject(suggestion_id, by=actor.id, reason=body.reason)


@router.post(
    "/{suggestion_id}/postpone",
    responses=documented(404, 409, body=True),
    summary="Put an entry off",
)
async def postpone(
    request: Request, suggestion_id: str, body: Postponement, actor: Editor
) -> Suggestion:
    """It waits again after so many days."""
    await _own(request, actor, suggestion_id)
    desk = application_of(request).knowledge_desk
    return await desk.postpone(suggestion_id, by=actor.id, days=body.days)


@router.post(
    "/{suggestion_id}/retire", responses=documented(404, 409, body=True), summary="Retire an entry"
)
async def retire(
    request: Request, suggestion_id: str, body: KnowledgeReason, actor: Editor
) -> Suggestion:
    """Take an accepted entry out of the FAQ; its number is not given again."""
    await _own(request, actor, suggestion_id)
    desk = application_of(request).knowledge_desk
    return await desk.retire(suggestion_id, by=actor.id, reason=body.reason)


async def _own(request: Request, actor: Actor, suggestion_id: str) -> Suggestion:
    async with application_of(request).uow() as uow:
        found = await uow.knowledge.get(suggestion_id)
    if found is None:
        raise NotFound("There is no such suggestion.")
    own(actor, found.community, "suggestion")
    return found
