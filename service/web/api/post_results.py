"""What became of posts: told one by one or as a table, read as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Body as Payload
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.advice import Advice
from service.domain.post import PostRequest
from service.domain.result import Measured, Metric, PostOutcome, PostResult
from service.domain.views import Page
from service.errors import NotFound
from service.ports.results import ResultFilter
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.result_rows import Rows, rows_of
from service.web.spreadsheet import CSV_ANSWER, MEDIA_TYPE, as_csv, wants_csv
from service.web.state import application_of

router = APIRouter(tags=["posts"], route_class=ApiRoute)

Editor = Annotated[Actor, require(Scope.POSTS_WRITE)]

HISTORY = 200
"""Counts of one post shown, the newest."""

_ONE: dict[str, Any] = {
    "metric": "reads",
    "value": 412,
    "as_of": "2026-04-12T09:00:00+08:00",
    "source": "wecom",
}
_TABLE = "post_id,metric,value,as_of,source\npost_01,joins,17,2026-04-12T09:00:00+08:00,wecom\n"


class NewResults(Body):
    """Counts of one post."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"results": [_ONE]}]})

    results: tuple[Measured, ...] = Field(min_length=1, max_length=200)


class Told(BaseModel):
    """How many counts were new; the others were stored already."""

    added: int
    known: int


class Refused(BaseModel):
    """A line that was left out; the head is line 1. Of a webhook the number of the item."""

    line: int
    problem: str


class Imported(Told):
    """What became of the lines."""

    refused: tuple[Refused, ...]

    @classmethod
    def of(cls, rows: Rows, added: int, unknown: Mapping[int, str]) -> Imported:
        """Count what became of the rows that were read and of those that were not."""
        refused = sorted({**rows.refused, **unknown}.items())
        return cls(
            added=added,
            known=len(rows.read) - len(unknown) - added,
            refused=tuple(Refused(line=line, problem=problem) for line, problem in refused),
        )


class ResultsOfPost(BaseModel):
    """The count of each metric that counts, and at most 200 of all that was told, newest first."""

    newest: tuple[PostResult, ...]
    history: tuple[PostResult, ...]


@router.get("/posts/suggestions", responses=documented(404), summary="What the data suggests")
async def suggestions(
    request: Request,
    community: InCommunity,
    _: Editor,
    kind: Annotated[str | None, Query(max_length=64, examples=["announcement"])] = None,
    channel: Annotated[str | None, Query(max_length=200)] = None,
) -> Advice:
    """The last posts of the kind with their medians (null below three posts), hours of the week in
    which clearly more members write than usual, and topics that grew; each with what it rests on.
    All of it is correlation. Quiet hours are left out."""
    return await application_of(request).advice.advice(community, kind=kind, channel=channel)


@router.post(
    "/posts/{post_id}/results", responses=documented(404, body=True), summary="Tell results"
)
async def tell(request: Request, post_id: str, body: NewResults, actor: Editor) -> Told:
    """Append counts. Repeating adds nothing; of one metric the newest `as_of` counts."""
    post = await _post(request, post_id, actor)
    added = await application_of(request).results.record(post.id, body.results, actor.id)
    return Told(added=added, known=len(body.results) - added)


@router.get("/posts/{post_id}/results", responses=documented(404), summary="Results of a post")
async def of_post(request: Request, post_id: str, actor: Editor) -> ResultsOfPost:
    """What was told of it."""
    post = await _post(request, post_id, actor)
    async with application_of(request).uow() as uow:
        newest = await uow.results.newest([post.id])
        return ResultsOfPost(newest=newest, history=await uow.results.of_post(post.id, HISTORY))


@router.post(
    "/post-results",
    responses=documented(404, body=True),
    openapi_extra={"requestBody": {"content": {MEDIA_TYPE: {"example": _TABLE}}}},
    summary="Import results",
)
async def import_table(
    request: Request,
    community: InCommunity,
    actor: Editor,
    table: Annotated[
        bytes,
        Payload(media_type=MEDIA_TYPE, description="UTF-8, first line the names of the columns."),
    ],
) -> Imported:
    """Lines of `post_id,metric,value,as_of,source`, at most 5,000. Lines that cannot be taken are
    answered by number, the others are stored; sending the table again adds nothing."""
    rows = rows_of(table)
    added, unknown = await application_of(request).results.import_rows(
        community.id, rows.read, actor.id
    )
    return Imported.of(rows, added, unknown)


@router.get(
    "/post-results",
    response_model=Page[PostOutcome],
    responses=documented(404) | CSV_ANSWER,
    summary="Posts with results",
)
async def outcomes(
    request: Request,
    community: InCommunity,
    _: Editor,
    kind: Annotated[str | None, Query(max_length=64, examples=["announcement"])] = None,
    channel: Annotated[str | None, Query(max_length=200)] = None,
    since: Annotated[AwareDatetime | None, Query(description="Left at or after.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="Or send `Accept: text/csv`.")
    ] = None,
) -> Page[PostOutcome] | Response:
    """The post that left last first, with the newest count of each metric. CSV holds one page."""
    where = ResultFilter(kind=kind, channel=channel, since=since)
    page = await application_of(request).queries.outcomes(
        community.id, where, cursor=cursor, limit=limit
    )
    if wants_csv(request, format):
        head = ("post_id", "title", "kind", "channels", "at", *Metric)
        return as_csv("post-results", head, _rows(page))
    return page


def _rows(page: Page[PostOutcome]) -> Iterator[tuple[object, ...]]:
    for one in page.items:
        values = (one.value(metric) for metric in Metric)
        channels = ", ".join(one.channels)
        yield one.post_request_id, one.title, one.kind, channels, one.at.isoformat(), *values


async def _post(request: Request, post_id: str, actor: Actor) -> PostRequest:
    async with application_of(request).uow() as uow:
        found = await uow.posts.get(post_id)
    if found is None:
        raise NotFound("There is no such post.")
    own(actor, found.community, "post")
    return found
