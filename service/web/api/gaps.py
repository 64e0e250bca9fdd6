"""What the rules leave open: refusals and hand-offs, ranked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from service.domain.account import Actor, Scope
from service.domain.draft import RefusalKind
from service.ports.insights import ClausePair, Gap
from service.web.api.base import documented
from service.web.gaps import above_floor, pairs_above_floor
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/gaps", tags=["rules"], route_class=ApiRoute)


@router.get("", responses=documented(404), summary="What the rules leave open")
async def gaps(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    refusal: RefusalKind | None = None,
) -> tuple[Gap, ...]:
    """Cases drafted in the last days whose newest draft offers no answer, by why, category and
    theme; what most people miss comes first, at most 200. Cases are named only where enough people
    stand behind them. `no_rule` is where a rule is missing."""
    application = application_of(request)
    since = application.clock.now() - timedelta(days=days)
    least = application.settings.themes.min_authors
    found = await application.insights.gaps(community.id, since=since, least=least, refusal=refusal)
    return above_floor(found, least)


@router.get("/conflicts", responses=documented(404), summary="Clauses that contradict each other")
async def conflicts(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> tuple[ClausePair, ...]:
    """Pairs of clauses that held drafts of the last days, as they read then: what held most people
    first, at most 200. A pair is closed, and comes last, once one of its clauses reads otherwise
    or is gone. Cases are named only where enough people stand behind them."""
    application = application_of(request)
    since = application.clock.now() - timedelta(days=days)
    found = await application.insights.conflicts(community.id, since=since)
    return pairs_above_floor(found, application.settings.themes.min_authors)
