"""What became of drafts in real decisions, and how much of what was drawn passes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from service.domain.account import Actor, Scope
from service.domain.draft import Origin
from service.domain.quality import OnlineFigures, SplitBy
from service.domain.spot import SpotFigures, SpotFrame, SpotSplit
from service.quality.agreement import agreements
from service.quality.online import online_figures
from service.quality.rubrics import load_rubrics
from service.quality.spot import spot_figures
from service.web.api.base import documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/quality", tags=["quality"], route_class=ApiRoute)

MOST_DECISIONS = 5000
DAYS = 90


class OnlineList(BaseModel):
    """Of each prompt version; `decisions` is how many were looked at, at most 5,000, the newest."""

    decisions: int
    items: tuple[OnlineFigures, ...]


@router.get("/decisions", responses=documented(404), summary="What became of drafts")
async def decisions(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    by: Annotated[SplitBy, Query(description="Split each version besides.")] = SplitBy.NOTHING,
    origin: Annotated[Origin, Query(description="Who wrote the drafts.")] = Origin.MODEL,
    days: Annotated[int, Query(ge=1, le=365)] = DAYS,
) -> OnlineList:
    """By version of the prompt: accepted as they were, edited, rejected (Wilson intervals), median
    seconds from task to decision and mean edit distance of the edited (bootstrap intervals).
    `few` marks less than 30 decisions. Escalations and decisions taken back do not count."""
    application = application_of(request)
    since = application.clock.now() - timedelta(days=days)
    found = await application.queries.decided(
        community.id, origin=origin, since=since, limit=MOST_DECISIONS
    )
    items = await asyncio.to_thread(online_figures, found, by)
    return OnlineList(decisions=len(found), items=items)


class SpotList(BaseModel):
    """Of how much how much was drawn, and what it showed."""

    frames: tuple[SpotFrame, ...]
    items: tuple[SpotFigures, ...]


@router.get("/spot-checks", responses=documented(404), summary="Spot checks")
async def spot_checks(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    by: Annotated[
        SpotSplit, Query(description="Split replies by who wrote them and the prompt's version.")
    ] = SpotSplit.NOTHING,
    days: Annotated[int, Query(ge=1, le=365)] = DAYS,
) -> SpotList:
    """A random share of the reply drafts and triages of each day, whatever became of them, judged
    blind: the share that passes with its Wilson interval, by people and by each judge that may
    gate in the language. `few` marks less than 30 judged; `passed.value` is null where none is."""
    application = application_of(request)
    since, rubrics = application.clock.now() - timedelta(days=days), load_rubrics()
    async with application.uow() as uow:
        frames = await uow.spots.frames(community.id, since)
        checks = await uow.spots.spotted(community.id, since)
        judged = await uow.labels.judged(community.id, [one.id for one in rubrics])
    known = await asyncio.to_thread(agreements, judged, rubrics)
    return SpotList(frames=frames, items=spot_figures(checks, judged, rubrics, known, by))
