"""Routing rules: whole ordered sets under version, rehearsed before they act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.report import LONGEST_DAYS, RehearsalSubject, Report
from service.domain.routing import Activation, RoutingRules, RoutingSet
from service.errors import NotFound
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/routing", tags=["routing"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]
Writer = Annotated[Actor, require(Scope.ROUTING_WRITE)]
Version = Annotated[int, Path(ge=1, le=1_000_000)]


class RulesRequest(Body, RoutingRules):
    """The whole set, in order."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rules": [
                        {
                            "id": "partners-first",
                            "when": {"authors": ["partner"]},
                            "then": {"department": "partners", "pressing": "high"},
                        },
                        {
                            "id": "invoices",
                            "when": {"keywords": ["发票", "invoice"], "langs": ["zh", "en"]},
                            "then": {"department": "support", "sla_hours": 4},
                        },
                    ],
                    "default_queue": {"department": "operations"},
                }
            ]
        },
    )


class Days(Body):
    """How far back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": 14}]})

    days: int = Field(14, ge=1, le=LONGEST_DAYS)


class Seen(Body):
    """The rehearsal whose flips were seen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"hash": "0" * 64}]})

    hash: str = Field(pattern="^[0-9a-f]{64}$")


class Versions(BaseModel):
    """Every version, newest first; `active` decides, null: the categories' own routes do."""

    active: int | None
    activation: Activation | None
    versions: tuple[RoutingSet, ...]


@router.get("", responses=documented(404), summary="List routing rules")
async def versions(request: Request, community: InCommunity, _: Reader) -> Versions:
    """Every version with its rules, and which of them decides."""
    async with application_of(request).uow() as uow:
        found = await uow.routing.all(community.id)
        activation = await uow.routing.activation(community.id)
    active = next((s.version for s in found if activation and s.id == activation.set_id), None)
    return Versions(active=active, activation=activation, versions=found)


@router.put("", responses=documented(404, body=True), summary="Store routing rules")
async def put(
    request: Request, community: InCommunity, body: RulesRequest, actor: Writer
) -> RoutingSet:
    """A new version, which decides nothing before it is activated. The newest set again changes
    nothing."""
    rules = RoutingRules(rules=body.rules, default_queue=body.default_queue)
    return await application_of(request).routing.put(community.id, rules, by=actor.id)


@router.get("/{version}", responses=documented(404), summary="Read a version")
async def read(request: Request, version: Version, community: InCommunity, _: Reader) -> RoutingSet:
    """One version, as it was stored."""
    return await _version(request, community.id, version)


@router.post(
    "/{version}/rehearsals",
    status_code=202,
    responses=documented(404, body=True),
    summary="Rehearse a version",
)
async def rehearse(
    request: Request, version: Version, community: InCommunity, body: Days, actor: Writer
) -> Report:
    """Route the cases of the last days again, without touching them. The report lists every flip;
    its hash activates the version."""
    given = await _version(request, community.id, version)
    subject = RehearsalSubject(days=body.days, set_id=given.id)
    return await application_of(request).rehearse.request(community.id, subject, by=actor.id)


@router.post(
    "/{version}/activate",
    responses=documented(404, 409, body=True),
    summary="Activate a version",
)
async def activate(
    request: Request, version: Version, community: InCommunity, body: Seen, actor: Writer
) -> Activation:
    """From now on it decides; cases triaged before stay as they are."""
    flow = application_of(request).routing
    return await flow.activate(community.id, version, body.hash, by=actor.id)


async def _version(request: Request, community: str, version: int) -> RoutingSet:
    async with application_of(request).uow() as uow:
        found = await uow.routing.version(community, version)
    if found is None:
        raise NotFound("There is no such version of the routing rules.")
    return found
