"""Labelled examples: what people taught, what it changed, what is in force."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.example import LONGEST, Example, ExampleOrigin, ExampleStatus
from service.domain.override import LONGEST_REASON
from service.domain.refit import Refit
from service.domain.views import Page
from service.errors import NotFound, NotPermitted
from service.ports.queries import ExampleFilter
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/examples", tags=["examples"], route_class=ApiRoute)

Curator = Annotated[Actor, require(Scope.EXAMPLES_WRITE)]
_REASON = Field("", max_length=LONGEST_REASON)


class NewExample(Body):
    """A text and the category it belongs to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"community": "zhujian", "text": "打卡机器人又不说话了", "category": "bug_report"}
            ]
        }
    )

    community: str | None = Field(
        None, min_length=1, max_length=64, description="Left out: for every community."
    )
    text: str = Field(min_length=1, max_length=LONGEST)
    category: str = Field(min_length=1, max_length=64)


class Acceptance(Body):
    """How to adopt: `insist` says why, where a slice becomes worse."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"insist": "The old label of these was wrong."}]}
    )

    everywhere: bool = Field(False, description="From now on for every community.")
    insist: str = _REASON


class ManyAccepted(Acceptance):
    """Several examples of one community, compared and adopted together."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": ["exm_1", "exm_2"]}]})

    ids: list[Annotated[str, Field(max_length=100)]] = Field(min_length=1, max_length=100)


class Reason(Body):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Says too little."}]})

    reason: str = _REASON


class Taught(BaseModel):
    """The comparison on held-back texts with its verdict, and the examples as they are now."""

    refit: Refit
    examples: tuple[Example, ...]


@router.get("", responses=documented(404), summary="List examples")
async def examples(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    status: ExampleStatus | None = None,
    category: Annotated[str | None, Query(max_length=64)] = None,
    lang: Annotated[str | None, Query(pattern="^(zh|en)$")] = None,
    origin: ExampleOrigin | None = None,
    case_id: Annotated[str | None, Query(max_length=100)] = None,
    text: Annotated[str, Query(max_length=200, description="Substring of the text.")] = "",
    shared: Annotated[
        bool | None, Query(description="Only those of every community, or only its own.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Example]:
    """Examples that pass every filter, newest first: the community's own and shared ones."""
    where = ExampleFilter(
        status=status, category=category, lang=lang, origin=origin, case_id=case_id, text=text,
        shared=shared,
    )  # fmt: skip
    queries = application_of(request).queries
    return await queries.examples(community.id, where, cursor=cursor, limit=limit)


@router.post(
    "", status_code=201, responses=documented(404, 409, body=True), summary="Propose an example"
)
async def add(request: Request, body: NewExample, actor: Curator) -> Example:
    """Personal data is cut out of the text. It teaches nothing until it is accepted."""
    if body.community is not None:
        await find_community(request, actor, body.community)
    elif actor.community is not None:
        raise NotPermitted("This key belongs to one community; name it.")
    flow = application_of(request).learn
    return await flow.add(body.community, body.text, body.category, by=actor.id)


@router.get("/refits", responses=documented(404), summary="What learning changed")
async def refits(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Refit]:
    """Every comparison with its verdict, newest first."""
    queries = application_of(request).queries
    return await queries.refits(community.id, cursor=cursor, limit=limit)


@router.post("/accept", responses=documented(404, 409, body=True), summary="Accept examples")
async def accept_many(request: Request, body: ManyAccepted, actor: Curator) -> Taught:
    """Compare before and after on held-back texts, then adopt all of them; where a slice becomes
    worse than the bound, all are held until somebody insists with a reason."""
    for example_id in body.ids:
        await _own_example(request, actor, example_id)
    return await _accept(request, actor, body.ids, body)


@router.get("/{example_id}", responses=documented(404), summary="Read an example")
async def read(
    request: Request, example_id: str, actor: Annotated[Actor, require(Scope.CASES_READ)]
) -> Example:
    """One example as it is now."""
    return await _own_example(request, actor, example_id, reading=True)


@router.post(
    "/{example_id}/accept", responses=documented(404, 409, body=True), summary="Accept an example"
)
async def accept(request: Request, example_id: str, body: Acceptance, actor: Curator) -> Taught:
    """Like accepting several. Every process judges by it within seconds."""
    await _own_example(request, actor, example_id)
    return await _accept(request, actor, [example_id], body)


@router.post(
    "/{example_id}/reject", responses=documented(404, 409, body=True), summary="Reject an example"
)
async def reject(request: Request, example_id: str, body: Reason, actor: Curator) -> Example:
    """A proposed or held one."""
    await _own_example(request, actor, example_id)
    return await application_of(request).learn.reject(example_id, by=actor.id, reason=body.reason)


@router.post(
    "/{example_id}/retire", responses=documented(404, 409, body=True), summary="Retire an example"
)
async def retire(request: Request, example_id: str, body: Reason, actor: Curator) -> Taught:
    """Take an accepted one out of use, with a reason; what that changes is measured as well."""
    await _own_example(request, actor, example_id)
    done = await application_of(request).learn.retire(example_id, by=actor.id, reason=body.reason)
    return Taught(refit=done.refit, examples=done.examples)


async def _accept(request: Request, actor: Actor, ids: list[str], how: Acceptance) -> Taught:
    if how.everywhere and actor.community is not None:
        raise NotPermitted("This key belongs to one community.")
    done = await application_of(request).learn.accept(
        ids, by=actor.id, everywhere=how.everywhere, insist=how.insist
    )
    return Taught(refit=done.refit, examples=done.examples)


async def _own_example(
    request: Request, actor: Actor, example_id: str, *, reading: bool = False
) -> Example:
    """The example, if the actor may see it, or change it: a shared one belongs to no community."""
    async with application_of(request).uow() as uow:
        example = await uow.examples.get(example_id)
    if example is None:
        raise NotFound("There is no such example.")
    if example.community is not None:
        own(actor, example.community, "example")
    elif actor.community is not None and not reading:
        raise NotPermitted("This example is shared by every community.")
    return example
