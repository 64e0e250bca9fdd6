"""What language models used and may use."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.spend import Gauge, GaugeState, Limit, Limits
from service.flows.spending import MOST, Budget
from service.ports.spending import UsageFilter, UsageGroup, UsageRow
from service.web.api.base import Body, Cursor, documented
from service.web.api.base import Limit as PageLimit
from service.web.guard import ApiRoute, InCommunity, find_community, require
from service.web.state import application_of

router = APIRouter(prefix="/llm", tags=["models"], route_class=ApiRoute)

Admin = Annotated[Actor, require(Scope.ADMIN)]

SPAN = timedelta(days=30)
"""How far back usage reaches when nothing is said."""


class Usage(BaseModel):
    """Sums by group; costs are in `currency`."""

    items: tuple[UsageRow, ...]
    cursor: str | None
    currency: str


class GaugeOut(BaseModel):
    """One limit, what of it is used (reservations included), and whether to warn."""

    limit: Limit
    most: float
    used: float
    share: float = Field(ge=0, le=1)
    state: GaugeState


class BudgetOut(BaseModel):
    """Limits of a community. `own` is what it set for itself, `in_force` the tighter of that and
    the settings. `everywhere` is empty for a key that belongs to one community."""

    currency: str
    own: Limits
    in_force: Limits
    community: tuple[GaugeOut, ...]
    everywhere: tuple[GaugeOut, ...]


class NewLimits(Body):
    """What the community allows itself; null or left out: no limit of its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"tokens_per_day": 200_000, "cost_per_month": 300.0}]},
    )

    tokens_per_day: int | None = Field(None, ge=0, le=int(MOST))
    tokens_per_month: int | None = Field(None, ge=0, le=int(MOST))
    cost_per_day: float | None = Field(None, ge=0, le=MOST)
    cost_per_month: float | None = Field(None, ge=0, le=MOST)


@router.get("/usage", responses=documented(404), summary="What model calls used")
async def usage(
    request: Request,
    actor: Admin,
    group: Annotated[UsageGroup, Query(description="Sum by this.")] = UsageGroup.FEATURE,
    community: Annotated[
        str | None,
        Query(
            min_length=1, max_length=64, examples=["zhujian"],
            description="Left out: all; a key of one community sees its own.",
        ),
    ] = None,
    since: Annotated[AwareDatetime | None, Query(examples=["2026-04-01T00:00:00+08:00"])] = None,
    until: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: PageLimit = 50,
) -> Usage:  # fmt: skip
    """Calls, failures, tokens and cost of the last 30 days, or from `since` to `until`. Days are
    those of UTC. Calls the budget refused were not sent and do not count."""
    application = application_of(request)
    community = community or actor.community
    if community is not None:
        await find_community(request, actor, community)
    end = until or application.clock.now() + timedelta(seconds=1)
    where = UsageFilter(group, since or _before(end), end, community)
    page = await application.queries.usage(where, cursor=cursor, limit=limit)
    return Usage(items=page.items, cursor=page.cursor, currency=application.settings.llm.currency)


@router.get("/budget", responses=documented(404), summary="What models may still use")
async def budget(request: Request, community: InCommunity, actor: Admin) -> BudgetOut:
    """Limits in force and what of them is used in the present day and month of UTC."""
    application = application_of(request)
    found = await application.spending.budget(community.id)
    return _out(found, application.settings.llm.currency, actor)


@router.put("/budget", responses=documented(404, body=True), summary="Set a community's limits")
async def set_budget(
    request: Request, community: InCommunity, body: NewLimits, actor: Admin
) -> BudgetOut:
    """Replaces what the community set for itself. The limits of the settings hold beside it: the
    tighter one counts."""
    application = application_of(request)
    limits = Limits.model_validate(body.model_dump())
    found = await application.spending.set_own(community.id, limits, by=actor.id)
    return _out(found, application.settings.llm.currency, actor)


def _before(end: AwareDatetime) -> AwareDatetime:
    try:
        return end - SPAN
    except OverflowError:
        return end


def _out(found: Budget, currency: str, actor: Actor) -> BudgetOut:
    def gauges(given: tuple[Gauge, ...]) -> tuple[GaugeOut, ...]:
        return tuple(
            GaugeOut(limit=g.limit, most=g.most, used=g.used, share=g.share, state=g.state)
            for g in given
        )

    return BudgetOut(
        currency=currency,
        own=found.own,
        in_force=found.in_force,
        community=gauges(found.community),
        everywhere=gauges(found.everywhere) if actor.community is None else (),
    )
