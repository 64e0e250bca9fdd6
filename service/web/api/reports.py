"""Rehearsals of a changed engine or changed routing rules, and what each would flip."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.bank import TermDraft
from service.domain.report import (
    LONGEST_DAYS,
    LONGEST_TAXONOMY,
    Candidate,
    ExampleChoice,
    Flip,
    RehearsalSubject,
    Report,
    ReportKind,
)
from service.domain.views import Page
from service.errors import NotFound
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(tags=["shadow"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]


class ShadowRequest(Body):
    """A changed engine; what is left out is as it is in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"community": "zhujian", "days": 14, "threshold": 0.6},
                {"community": "zhujian", "examples": "proposed"},
                {
                    "community": "zhujian",
                    "terms": [{"phrase": "堵门 ~ 讨说法", "floor": 3, "code": "mob"}],
                },
            ]
        }
    )

    community: str = Field(min_length=1, max_length=64)
    days: int = Field(14, ge=1, le=LONGEST_DAYS)
    taxonomy: str | None = Field(
        None, max_length=LONGEST_TAXONOMY, description="A whole taxonomy file (TOML)."
    )
    examples: ExampleChoice = ExampleChoice.ACCEPTED
    threshold: float | None = Field(
        None, ge=0, le=1, description="Confidence from which a category is given."
    )
    terms: list[TermDraft] = Field(
        [], max_length=1000, description="Bank terms beside those in force."
    )


@router.post(
    "/shadow", status_code=202, responses=documented(404, body=True), summary="Rehearse an engine"
)
async def shadow(
    request: Request, body: ShadowRequest, actor: Annotated[Actor, require(Scope.EXAMPLES_WRITE)]
) -> Report:
    """Judge the cases of the last days again with another taxonomy, set of examples, threshold or
    more bank terms, without touching what is stored. What people set does not flip."""
    community = await find_community(request, actor, body.community)
    candidate = Candidate(
        taxonomy=body.taxonomy,
        examples=body.examples,
        threshold=body.threshold,
        terms=tuple(body.terms),
    )
    subject = RehearsalSubject(days=body.days, candidate=candidate)
    return await application_of(request).rehearse.request(community.id, subject, by=actor.id)


@router.get("/reports", responses=documented(404), summary="List rehearsals")
async def reports(
    request: Request,
    community: InCommunity,
    _: Reader,
    kind: ReportKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Report]:
    """Newest first."""
    queries = application_of(request).queries
    return await queries.reports(community.id, kind=kind, cursor=cursor, limit=limit)


@router.get("/reports/{report_id}", responses=documented(404), summary="Read a rehearsal")
async def read(request: Request, report_id: str, actor: Reader) -> Report:
    """Where it stands; when done, the counts and the hash."""
    return await _own_report(request, actor, report_id)


@router.get("/reports/{report_id}/flips", responses=documented(404), summary="List flips")
async def flips(
    request: Request, report_id: str, actor: Reader, cursor: Cursor = None, limit: Limit = 50
) -> Page[Flip]:
    """Every case that would come out otherwise, newest first."""
    await _own_report(request, actor, report_id)
    return await application_of(request).queries.flips(report_id, cursor=cursor, limit=limit)


async def _own_report(request: Request, actor: Actor, report_id: str) -> Report:
    async with application_of(request).uow() as uow:
        report = await uow.reports.get(report_id)
    if report is None:
        raise NotFound("There is no such report.")
    own(actor, report.community, "report")
    return report
