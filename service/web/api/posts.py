"""Community posts: ask for one, follow it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.calendar import PostMove
from service.domain.draft import Draft
from service.domain.post import PostBrief, PostRequest, PostVariant
from service.domain.views import Page
from service.errors import NotFound
from service.flows.calendar import MAX_NOTE
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/posts", tags=["posts"], route_class=ApiRoute)


class NewPost(Body):
    """A brief for one community."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "community": "zhujian",
                    "brief": {
                        "kind": "announcement",
                        "lang": "zh",
                        "title": "周六凌晨停机维护",
                        "points": ["周六 02:00 到 04:00 无法同步", "笔记不会丢失"],
                    },
                },
                {
                    "community": "zhujian",
                    "brief": {
                        "kind": "incentive",
                        "lang": "zh",
                        "title": "旧笔记挑战",
                        "inputs": {
                            "form": "raffle",
                            "who": "入群满 7 天的成员",
                            "how": "整理三篇旧笔记\n在打卡帖里发截图",
                            "deadline": "2026-12-06T20:00",
                            "prize": "年度会员 3 份",
                            "method": "截止后由工具从名单里随机抽取，过程录屏公示",
                            "rules_at": "《活动规则》",
                        },
                        "variants": [
                            {"format": "chat", "channel": "微信群"},
                            {"format": "long", "channel": "论坛"},
                        ],
                    },
                },
                {
                    "community": "zhujian",
                    "brief": {
                        "kind": "weekly_report",
                        "lang": "en",
                        "title": "Week 47 in the community",
                        "start": "2026-11-16T00:00:00+08:00",
                        "end": "2026-11-23T00:00:00+08:00",
                    },
                },
            ]
        }
    )

    community: str = Field(min_length=1, max_length=64)
    brief: PostBrief


class VariantDetail(BaseModel):
    """One form of a post: its draft and the task that waits for review; null while it is due."""

    variant: PostVariant
    draft: Draft | None
    task_id: str | None


class Move(Body):
    """Another time, or none; the note is for colleagues and never leaves."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"at": "2026-12-01T20:00:00+08:00", "note": "等版本发布之后"},
                {"at": None, "note": "活动取消"},
            ]
        }
    )

    at: AwareDatetime | None = Field(description="null calls it off.")
    note: str = Field("", max_length=MAX_NOTE)


class PostDetail(BaseModel):
    """A brief and its variants; `draft` and `task_id` are those of the first."""

    request: PostRequest
    draft: Draft | None
    task_id: str | None
    variants: tuple[VariantDetail, ...]


@router.post("", status_code=202, responses=documented(404, body=True), summary="Ask for a post")
async def ask(
    request: Request, body: NewPost, actor: Annotated[Actor, require(Scope.POSTS_WRITE)]
) -> PostRequest:
    """Store the brief; its drafts, one a variant, appear in the review queue."""
    community = await find_community(request, actor, body.community)
    return await application_of(request).content.request(community.id, body.brief, actor.id)


@router.get("", responses=documented(404), summary="List posts")
async def posts(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.POSTS_WRITE)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PostRequest]:
    """Newest first."""
    return await application_of(request).queries.posts(community.id, cursor=cursor, limit=limit)


@router.get("/{post_id}", responses=documented(404), summary="Read a post")
async def read(
    request: Request, post_id: str, actor: Annotated[Actor, require(Scope.POSTS_WRITE)]
) -> PostDetail:
    """The brief and what became of it."""
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.posts.get(post_id)
        drafts = {draft.id: draft for draft in await uow.drafts.for_post(post_id)}
    if found is None:
        raise NotFound("There is no such post.")
    own(actor, found.community, "post")
    tasks = await application.queries.tasks_of_post(post_id)
    variants = tuple(
        VariantDetail(variant=variant, draft=drafts.get(draft_id), task_id=tasks.get(draft_id))
        for draft_id, variant in found.variants()
    )
    first = variants[0]
    return PostDetail(request=found, draft=first.draft, task_id=first.task_id, variants=variants)


@router.post("/{post_id}/move", responses=documented(404, 409, body=True), summary="Move a post")
async def move(
    request: Request,
    post_id: str,
    body: Move,
    actor: Annotated[Actor, require(Scope.POSTS_WRITE)],
) -> PostMove:
    """Give it another time, or call it off, as long as it has not left."""
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.posts.get(post_id)
    if found is None:
        raise NotFound("There is no such post.")
    own(actor, found.community, "post")
    return await application.calendar.move(post_id, body.at, actor.id, body.note)
