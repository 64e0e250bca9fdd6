"""Themes: what many cases are about, and what people make of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.base import Bilingual, Lang
from service.domain.theme import ThemeLevel, ThemeStatus
from service.domain.views import CaseRow, Page, ThemeRow, ThemeRunView, ThemeView
from service.errors import NotFound, NotPermitted
from service.flows.theme_desk import ThemePatch
from service.ports.jobs import Job
from service.ports.queries import CaseFilter, ThemeFilter
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.runs import queue_run
from service.web.state import application_of

router = APIRouter(prefix="/themes", tags=["themes"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]
Changer = Annotated[Actor, require(Scope.TRIAGE)]
_ID = Field(min_length=1, max_length=100)


class Deferred(BaseModel):
    """A job was queued; its result appears where one reads."""

    job: str
    community: str


class ThemeName(Body):
    """A name in both languages."""

    zh: str = Field(min_length=1, max_length=100)
    en: str = Field(min_length=1, max_length=100)


class ThemeUpdate(Body):
    """Fields to set; those not given stay. A name or owner of null goes back to none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": {"zh": "导出的 PDF 是空白页", "en": "Exported PDFs are blank"},
                    "owner": "lin",
                    "status": "in_progress",
                }
            ]
        }
    )

    name: ThemeName | None = None
    owner: str | None = Field(None, max_length=100)
    status: ThemeStatus = Field(ThemeStatus.OPEN, description="What people make of it.")


class Merge(Body):
    """Themes to put into this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"theme_ids": ["theme_0193"]}]})

    theme_ids: tuple[Annotated[str, _ID], ...] = Field(min_length=1, max_length=50)


class Notice(Body):
    """What to tell the people who raised a resolved theme."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"note": "3.2.2 已修复导出空白页", "replies": True, "post": "zh"}]
        }
    )

    note: str = Field(min_length=1, max_length=1000, description="What was done.")
    replies: bool = Field(True, description="Draft a reply to each person.")
    post: Literal["zh", "en"] | None = Field(None, description="Draft a post in this language.")


class Noticed(BaseModel):
    """Drafts asked for; each waits for a person's decision."""

    replies: int
    post_id: str | None


@router.get("", responses=documented(404), summary="List themes")
async def themes(
    request: Request,
    community: InCommunity,
    _: Reader,
    status: ThemeStatus | None = None,
    level: Annotated[ThemeLevel, Query(description="Themes, or the topics above them.")] = (
        ThemeLevel.THEME
    ),
    min_size: Annotated[int, Query(ge=0, le=1_000_000_000)] = 1,
    min_growth: Annotated[
        float | None, Query(ge=0, le=1e9, description="Last week over the week before.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ThemeRow]:
    """Largest first; empty before the first run."""
    application = application_of(request)
    where = ThemeFilter(
        status=status,
        level=level,
        min_size=min_size,
        min_growth=min_growth,
        min_authors=application.settings.themes.min_authors,
    )
    return await application.queries.themes(
        community.id, where, now=application.clock.now(), cursor=cursor, limit=limit
    )


@router.get("/runs", responses=documented(404), summary="List clusterings")
async def runs(
    request: Request,
    community: InCommunity,
    _: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ThemeRunView]:
    """Newest first, each with the share of cases that are in no theme."""
    queries = application_of(request).queries
    return await queries.theme_runs(community.id, cursor=cursor, limit=limit)


@router.post("/run", status_code=202, responses=documented(404), summary="Cluster again")
async def run(request: Request, community: InCommunity, _: Changer) -> Deferred:
    """Queue one clustering of the community's cases; a second call while one waits does nothing."""
    await queue_run(request, Job.THEMES, community.id)
    return Deferred(job=Job.THEMES.value, community=community.id)


@router.get("/{theme_id}", responses=documented(404), summary="Read a theme")
async def read(request: Request, theme_id: str, actor: Reader) -> ThemeView:
    """Its figures, history, descent and samples; a merged theme names where it went."""
    return await _view(request, theme_id, actor)


@router.get("/{theme_id}/members", responses=documented(404), summary="List a theme's cases")
async def members(
    request: Request, theme_id: str, actor: Reader, cursor: Cursor = None, limit: Limit = 50
) -> Page[CaseRow]:
    """Newest first. Refused while fewer people spoke of it than the privacy floor asks for."""
    view = await _view(request, theme_id, actor)
    if view.row.hidden:
        raise NotPermitted("Too few people spoke of this theme to show who said what.")
    return await application_of(request).queries.cases(
        view.community, CaseFilter(theme_id=theme_id), cursor=cursor, limit=limit
    )


@router.patch("/{theme_id}", responses=documented(404, 409, body=True), summary="Change a theme")
async def update(request: Request, theme_id: str, body: ThemeUpdate, actor: Changer) -> ThemeView:
    """Name, owner, status; they survive every clustering."""
    await _view(request, theme_id, actor)
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if given.get("name") is not None:
        given["name"] = Bilingual(zh=given["name"].zh, en=given["name"].en)
    await application_of(request).theme_desk.update(theme_id, actor.id, ThemePatch(**given))
    return await _view(request, theme_id, actor)


@router.post("/{theme_id}/merge", responses=documented(404, 409, body=True), summary="Merge themes")
async def merge(request: Request, theme_id: str, body: Merge, actor: Changer) -> ThemeView:
    """Put the cases of others into this theme; later clusterings keep them together."""
    for one in (theme_id, *body.theme_ids):
        await _view(request, one, actor)
    await application_of(request).theme_desk.merge(theme_id, body.theme_ids, actor.id)
    return await _view(request, theme_id, actor)


@router.post(
    "/{theme_id}/notices",
    status_code=202,
    responses=documented(404, 409, body=True),
    summary="Tell everybody who raised it",
)
async def notices(
    request: Request,
    theme_id: str,
    body: Notice,
    actor: Annotated[Actor, require(Scope.DRAFTS_WRITE)],
) -> Noticed:
    """Draft replies, a post, or both once it is resolved; nothing leaves without a decision."""
    if body.post is not None and Scope.POSTS_WRITE not in actor.scopes:
        raise NotPermitted(f"A post needs the scope {Scope.POSTS_WRITE.value!r}.")
    await _view(request, theme_id, actor)
    told = await application_of(request).theme_desk.tell(
        theme_id,
        actor.id,
        note=body.note,
        replies=body.replies,
        post=Lang(body.post) if body.post else None,
    )
    return Noticed(replies=told.replies, post_id=told.post_id)


async def _view(request: Request, theme_id: str, actor: Actor) -> ThemeView:
    application = application_of(request)
    found = await application.queries.theme(
        theme_id,
        now=application.clock.now(),
        min_authors=application.settings.themes.min_authors,
    )
    if found is None:
        raise NotFound("There is no such theme.")
    own(actor, found.community, "theme")
    return found
