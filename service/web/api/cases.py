"""Cases: search them, read one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel

from service.domain.account import Actor, Scope
from service.domain.case import CaseText
from service.domain.deadline import BreachKind
from service.domain.override import Override
from service.domain.triage import Triage, in_force
from service.domain.views import CaseRow, Page
from service.errors import NotFound
from service.ports.queries import CaseFilter
from service.web.api.base import Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.member import without_personal_data
from service.web.state import application_of

router = APIRouter(prefix="/cases", tags=["cases"], route_class=ApiRoute)


class CaseDetail(BaseModel):
    """A case with its messages, every triage (oldest first), the one in force, people's
    corrections and its newest review task."""

    case: CaseText
    triages: tuple[Triage, ...]
    in_force: Triage | None
    overrides: tuple[Override, ...]
    task_id: str | None


@router.get("", responses=documented(404), summary="Search cases")
async def search(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    text: Annotated[str, Query(max_length=200, description="Substring of the redacted text.")] = "",
    category: Annotated[str | None, Query(max_length=64)] = None,
    department: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[
        str | None,
        Query(pattern="^(untriaged|triaged|in_review|decided|delivered)$"),
    ] = None,
    min_severity: Annotated[int | None, Query(ge=0, le=4)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    theme_id: Annotated[str | None, Query(max_length=100)] = None,
    sla: Annotated[
        BreachKind | None, Query(description="Unanswered and due within the hour, or past due.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[CaseRow]:
    """Cases that pass every filter, newest first."""
    where = CaseFilter(
        text=text,
        category=category,
        department=department,
        status=status,
        min_severity=min_severity,
        since=since,
        until=until,
        theme_id=theme_id,
        sla=sla,
    )
    queries = application_of(request).queries
    return await queries.cases(community.id, where, cursor=cursor, limit=limit)


@router.get("/{case_id}", responses=documented(404), summary="Read a case")
async def read(
    request: Request, case_id: str, actor: Annotated[Actor, require(Scope.CASES_READ)]
) -> CaseDetail:
    """The case's messages, personal data left out, and what was judged and drafted of it."""
    application = application_of(request)
    async with application.uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
        overrides = await uow.overrides.of_case(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    own(actor, case.case.community, "case")
    triages = await application.queries.triages_of(case_id)
    newest = in_force(triages)
    return CaseDetail(
        case=without_personal_data(case, newest, application.redactor),
        triages=triages,
        in_force=newest,
        overrides=overrides,
        task_id=await application.queries.task_of_case(case_id),
    )
