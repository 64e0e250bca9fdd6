"""Facts: numbers for texts and reports."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from service.domain.account import Actor, Scope
from service.domain.base import Lang
from service.domain.draft import Fact
from service.domain.fact import FactAsk
from service.web.api.base import documented
from service.web.facts_view import HEAD, fact_rows
from service.web.guard import ApiRoute, InCommunity, require
from service.web.spreadsheet import CSV_ANSWER, as_csv, wants_csv
from service.web.state import application_of

router = APIRouter(prefix="/facts", tags=["facts"], route_class=ApiRoute)


class Facts(BaseModel):
    """Facts in the order of the groups; `groups` are all that can be asked for."""

    facts: tuple[Fact, ...]
    groups: tuple[str, ...]


@router.get(
    "", response_model=Facts, responses=documented(404) | CSV_ANSWER, summary="Compute facts"
)
async def facts(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    group: Annotated[
        list[str] | None,
        Query(max_length=20, description="Groups of facts; repeat.", examples=[["activity"]]),
    ] = None,
    start: Annotated[AwareDatetime | None, Query(examples=["2026-04-06T00:00:00+08:00"])] = None,
    end: Annotated[
        AwareDatetime | None, Query(description="Whole local days; left out: the last seven.")
    ] = None,
    subject: Annotated[
        str, Query(max_length=200, description="An event's id, or a department.")
    ] = "",
    lang: Lang = Lang.ZH,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="Or send `Accept: text/csv`.")
    ] = None,
) -> Facts | Response:
    """Each with its value in words, the number itself, and the page of the items behind it. Counts
    are beside the period before; what few people said is told as a bound."""
    source = application_of(request).facts
    ask = FactAsk(
        community=community.id,
        groups=tuple(group or ()),
        start=start,
        end=end,
        subject=subject,
        lang=lang,
    )
    found = await source.facts(ask)
    if wants_csv(request, format):
        return as_csv("facts", HEAD, fact_rows(found))
    return Facts(facts=found, groups=tuple(sorted(source.groups)))
