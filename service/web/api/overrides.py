"""People's corrections of what triage said."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.bootstrap import Application
from service.domain.account import Actor, Scope
from service.domain.example import Example
from service.domain.override import LONGEST_REASON, Change, Override
from service.domain.triage import Triage
from service.domain.views import Page
from service.errors import NotFound
from service.ports.queries import OverrideFilter
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.state import application_of

router = APIRouter(tags=["overrides"], route_class=ApiRoute)


class OverrideRequest(Body, Change):
    """What is to be set; fields left out stay as they are."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"categories": ["billing_refund"]},
                {"severity": 1, "reason": "A joke between friends, they say so further up."},
            ]
        },
    )

    reason: str = Field(
        "", max_length=LONGEST_REASON, description="Required where a severity is lowered."
    )
    seen_triage: str | None = Field(
        None, max_length=100, description="Id of the triage you saw; a newer one is a conflict."
    )

    @property
    def change(self) -> Change:
        """The correction alone."""
        return Change(**self.model_dump(include=set(Change.model_fields)))


class Corrected(BaseModel):
    """The triage now in force, the correction behind it, and the example proposed from it."""

    triage: Triage
    override: Override
    example: Example | None


@router.post(
    "/cases/{case_id}/overrides",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Correct a triage",
)
async def override(
    request: Request,
    case_id: str,
    body: OverrideRequest,
    actor: Annotated[Actor, require(Scope.OVERRIDES_WRITE)],
) -> Corrected:
    """Set categories, severity, sentiment or department. The decision outranks every later model
    output; new signs of danger still raise a severity. Sending the same again changes nothing. A
    single category proposes a labelled example."""
    application = application_of(request)
    await _own_case(application, actor, case_id)
    done = await application.overrides.override(
        case_id, body.change, by=actor.id, reason=body.reason, seen=body.seen_triage
    )
    return Corrected(triage=done.triage, override=done.override, example=done.example)


@router.get(
    "/cases/{case_id}/overrides", responses=documented(404), summary="Corrections of a case"
)
async def of_case(
    request: Request, case_id: str, actor: Annotated[Actor, require(Scope.CASES_READ)]
) -> tuple[Override, ...]:
    """Oldest first."""
    application = application_of(request)
    await _own_case(application, actor, case_id)
    async with application.uow() as uow:
        return await uow.overrides.of_case(case_id)


@router.get("/overrides", responses=documented(404), summary="List corrections")
async def overrides(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    by: Annotated[str | None, Query(max_length=100, description="User or key id.")] = None,
    field: Annotated[
        str | None, Query(pattern="^(categories|severity|sentiment|department)$")
    ] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Override]:
    """Corrections that pass every filter, newest first."""
    where = OverrideFilter(by=by, field=field, since=since, until=until)
    queries = application_of(request).queries
    return await queries.overrides(community.id, where, cursor=cursor, limit=limit)


async def _own_case(application: Application, actor: Actor, case_id: str) -> None:
    async with application.uow() as uow:
        text = (await uow.cases.texts([case_id])).get(case_id)
    if text is None:
        raise NotFound("There is no such case.")
    own(actor, text.case.community, "case")
