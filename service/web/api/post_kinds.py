"""What kinds of posts there are and what each one's brief takes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service.domain.account import Actor, Scope
from service.domain.base import Bilingual
from service.domain.post_kind import (
    Approval,
    BriefField,
    ChannelFormat,
    Length,
    Need,
    PostKind,
    Subject,
)
from service.web.api.base import documented
from service.web.guard import ApiRoute, require
from service.web.state import application_of

router = APIRouter(prefix="/post-kinds", tags=["posts"], route_class=ApiRoute)


class KindDetail(BaseModel):
    """One kind: which parts of a brief it wants and what its text must say.

    `facts` are the groups of numbers computed for it; `lengths` the longest text of each form,
    in characters.
    """

    id: str
    title: Bilingual
    description: Bilingual
    tone: Bilingual
    approval: Approval
    points: Need
    period: Need
    subject: Subject | None
    inputs: tuple[BriefField, ...]
    default_format: ChannelFormat
    lengths: dict[ChannelFormat, Length]
    facts: tuple[str, ...]
    must_say: tuple[Bilingual, ...]
    must_not_say: tuple[Bilingual, ...]


class KindList(BaseModel):
    """Every kind, in the order an editor sees them."""

    items: tuple[KindDetail, ...]


@router.get("", responses=documented(), summary="List kinds of posts")
async def kinds(request: Request, _: Annotated[Actor, require(Scope.POSTS_WRITE)]) -> KindList:
    """All of them; there are few, so there are no pages."""
    return KindList(items=tuple(map(_detail, application_of(request).drafter.post_kinds)))


def _detail(kind: PostKind) -> KindDetail:
    shared = {name: getattr(kind, name) for name in KindDetail.model_fields if hasattr(kind, name)}
    return KindDetail(
        **shared,
        must_say=tuple(part.title for part in kind.parts),
        must_not_say=tuple(never.title for never in kind.never),
    )
