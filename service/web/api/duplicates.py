"""Duplicates: which cases say the same, and people's word on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.triage import DuplicateKind
from service.domain.views import DuplicateGroup, GroupView, Page
from service.errors import NotFound
from service.flows.duplicates import MOST_MERGED, Similar, SimilarFilter
from service.ports.queries import GroupFilter
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.state import application_of

router = APIRouter(tags=["duplicates"], route_class=ApiRoute)

CaseId = Annotated[str, Field(min_length=1, max_length=100)]


class MergeRequest(Body):
    """Cases that a person says are the same."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"case_ids": ["case_01a2", "case_01b3"]}]}
    )

    case_ids: list[CaseId] = Field(min_length=2, max_length=MOST_MERGED)


class UnmergeRequest(Body):
    """A case that is not the same: as `from_case_id`, or, without it, as any of its group."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"case_id": "case_01b3", "from_case_id": "case_01a2"},
                {"case_id": "case_01b3"},
            ]
        }
    )

    case_id: CaseId
    from_case_id: CaseId | None = Field(
        None, description="Takes back exactly the link of these two."
    )


class Groups(BaseModel):
    """The groups the named cases stand in now; a case that stands alone has none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"groups": []}]})

    groups: tuple[GroupView, ...]


class SimilarCases(BaseModel):
    """Cases that resemble one, exact before near before alike in meaning."""

    items: tuple[Similar, ...]


@router.get(
    "/cases/{case_id}/similar", responses=documented(404), summary="Cases that resemble one"
)
async def similar(
    request: Request,
    case_id: str,
    actor: Annotated[Actor, require(Scope.CASES_READ)],
    kind: DuplicateKind | None = None,
    min_similarity: Annotated[float, Query(ge=0, le=1)] = 0.0,
    category: Annotated[str | None, Query(max_length=64)] = None,
    since: AwareDatetime | None = None,
    grouped: Annotated[
        bool | None, Query(description="Only those inside (true) or outside (false) its group.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Cases at most.")] = 20,
) -> SimilarCases:
    """How like it each is and why. What is alike in meaning is a suggestion: it joins nothing
    until a person merges."""
    await _case(request, actor, case_id)
    where = SimilarFilter(kind, min_similarity, category, since, grouped)
    found = await application_of(request).duplicates.similar(case_id, where, limit)
    return SimilarCases(items=found)


@router.get("/duplicates", responses=documented(404), summary="Groups of duplicates")
async def groups(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    kind: Annotated[str | None, Query(pattern="^(exact|near|merged)$")] = None,
    min_size: Annotated[int, Query(ge=2, le=1_000_000, description="Cases at least.")] = 2,
    since: Annotated[AwareDatetime | None, Query(description="Joined by a case since.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DuplicateGroup]:
    """Every group of at least two cases, the one whose first case is newest first."""
    where = GroupFilter(kind=kind, min_size=min_size, since=since)
    queries = application_of(request).queries
    return await queries.groups(community.id, where, cursor=cursor, limit=limit)


@router.post(
    "/duplicates/merge", responses=documented(404, body=True), summary="Say cases are the same"
)
async def merge(
    request: Request, body: MergeRequest, actor: Annotated[Actor, require(Scope.TRIAGE)]
) -> Groups:
    """Joins their groups. Nothing of a case changes: authors and counts follow from who is in the
    group. Merging what is merged already changes nothing."""
    community = await _case(request, actor, body.case_ids[0])
    await application_of(request).duplicates.merge(community, body.case_ids, actor.id)
    return await _groups(request, body.case_ids[:1])


@router.post(
    "/duplicates/unmerge",
    responses=documented(404, 409, body=True),
    summary="Say cases are not the same",
)
async def unmerge(
    request: Request, body: UnmergeRequest, actor: Annotated[Actor, require(Scope.TRIAGE)]
) -> Groups:
    """Takes back one link, whether a person or triage made it, or takes a case out of its group;
    triage will not join the pair again."""
    community = await _case(request, actor, body.case_id)
    other = body.from_case_id
    await application_of(request).duplicates.unmerge(community, body.case_id, other, actor.id)
    return await _groups(request, [body.case_id, *([other] if other else [])])


async def _case(request: Request, actor: Actor, case_id: str) -> str:
    """The community of a case the actor may see."""
    async with application_of(request).uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    own(actor, case.case.community, "case")
    return case.case.community


async def _groups(request: Request, case_ids: list[str]) -> Groups:
    queries = application_of(request).queries
    found = [await queries.group_of(case_id) for case_id in case_ids]
    kept = {one.group.first_case_id: one for one in found if one}
    return Groups(groups=tuple(kept.values()))
