"""The delivery log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from service.domain.account import Actor, Scope
from service.domain.delivery import OutboxEntry, OutboxStatus
from service.domain.views import DeliveryView, Page
from service.errors import NotFound
from service.web.api.base import Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.state import application_of

router = APIRouter(prefix="/deliveries", tags=["delivery"], route_class=ApiRoute)


@router.get("", responses=documented(404), summary="List deliveries")
async def deliveries(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.DELIVERY)],
    status: OutboxStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryView]:
    """Outbox entries with every try, newest first."""
    return await application_of(request).queries.deliveries(
        community.id, status=status, cursor=cursor, limit=limit
    )


@router.post("/{entry_id}/replay", responses=documented(404, 409), summary="Send again")
async def replay(
    request: Request, entry_id: str, actor: Annotated[Actor, require(Scope.DELIVERY)]
) -> OutboxEntry:
    """For dead or held entries; the receiver sees the same idempotency key."""
    entry = await _own(request, entry_id, actor)
    return await application_of(request).deliver.replay(entry.community, entry_id)


@router.post("/{entry_id}/confirm", responses=documented(404, 409), summary="Posted by hand")
async def confirm(
    request: Request, entry_id: str, actor: Annotated[Actor, require(Scope.DELIVERY)]
) -> OutboxEntry:
    """For texts of channels nothing can send to (`payload.manual`), once a person posted them."""
    entry = await _own(request, entry_id, actor)
    return await application_of(request).deliver.confirm(entry.community, entry_id, actor.id)


async def _own(request: Request, entry_id: str, actor: Actor) -> OutboxEntry:
    async with application_of(request).uow() as uow:
        entry = await uow.outbox.get(entry_id)
    if entry is None:
        raise NotFound("There is no such outbox entry.")
    own(actor, entry.community, "outbox entry")
    return entry
