"""Drafts side by side: compare a draft with the one before it, pick one of the two."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service.domain.account import Actor, Scope
from service.domain.draft import Draft
from service.domain.review import ReviewTask
from service.errors import NotFound
from service.web.api.base import documented
from service.web.comparison import Comparison, comparison_of
from service.web.guard import ApiRoute, own, require
from service.web.state import application_of

router = APIRouter(prefix="/drafts", tags=["drafts"], route_class=ApiRoute)


class Picked(BaseModel):
    """The draft under review now, and its task, held by who picked."""

    draft: Draft
    task: ReviewTask


@router.get(
    "/{draft_id}/comparison", responses=documented(404), summary="Compare with the draft before"
)
async def compare(
    request: Request, draft_id: str, actor: Annotated[Actor, require(Scope.REVIEW)]
) -> Comparison:
    """The draft beside the one it took the place of, both of the same messages: texts with their
    differences, findings, citations, prompt version and model of each. 404 for the first."""
    application = application_of(request)
    await _draft(request, draft_id, actor)
    pair = await application.compare.pair(draft_id)
    if pair is None:
        raise NotFound("This draft took the place of none of the same messages.")
    return await comparison_of(application, pair)


@router.post("/{draft_id}/pick", responses=documented(404, 409), summary="Pick one of two drafts")
async def pick(
    request: Request, draft_id: str, actor: Annotated[Actor, require(Scope.REVIEW)]
) -> Picked:
    """Make it the draft under review; it must be the newest of its case or the one before. The
    older one comes back as a draft of its own (`draft.id` differs) and the newer is superseded."""
    application = application_of(request)
    await _draft(request, draft_id, actor)
    task = await application.compare.pick(draft_id, actor.id)
    return Picked(draft=await _draft(request, task.draft_id, actor), task=task)


async def _draft(request: Request, draft_id: str, actor: Actor) -> Draft:
    async with application_of(request).uow() as uow:
        found = await uow.drafts.get(draft_id)
    if found is None:
        raise NotFound("There is no such draft.")
    own(actor, found.community, "draft")
    return found
