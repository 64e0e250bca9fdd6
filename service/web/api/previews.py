"""Replays of a change on a community's own cases: every flip and its cost, before it goes live."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.bootstrap import Application
from service.domain.account import Actor, Scope
from service.domain.bank import TermDraft
from service.domain.evaluation import SubjectKind, Trial
from service.domain.preview import (
    LONGEST_DAYS,
    MOST_ASKED,
    MOST_CASES,
    FlipKind,
    Preview,
    PreviewFlip,
    Window,
)
from service.domain.report import LONGEST_TAXONOMY
from service.domain.views import Page
from service.errors import InvalidInput
from service.flows.rules import Upload
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.api.evaluations import EvaluationRequest, require_scope, trial_of
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/previews", tags=["previews"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]

_EVERYWHERE = (SubjectKind.TAXONOMY, SubjectKind.THRESHOLDS)


class PreviewRequest(Body):
    """What is to be replayed, and on which cases.

    `prompt`: `name` and `version`. `bank`: the `terms` to add, or the id of the one to `retire`.
    `rules`: `name` and the whole `content` of a document (left out: what is staged under that
    name), or the name of the one to `retire`.
    `taxonomy` (TOML) and `thresholds` (JSON): the whole `content`; left out, what is in force is
    held against what was accepted last.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "bank",
                    "community": "zhujian",
                    "days": 14,
                    "terms": [{"phrase": "堵门 ~ 讨说法", "floor": 3, "code": "mob"}],
                },
                {"kind": "prompt", "community": "zhujian", "name": "reply/grounded.zh",
                 "version": 2, "asked": 10},
                {"kind": "thresholds", "community": "zhujian", "days": 30,
                 "content": '{"rule_confidence": 0.6}'},
                {"kind": "rules", "community": "zhujian", "name": "membership",
                 "content": "# 会员规则\n\n## 3.1 退款\n\n十五天内可以全额退款。"},
            ]
        }
    )  # fmt: skip

    kind: SubjectKind
    community: str = Field(min_length=1, max_length=64, description="Whose cases are replayed.")
    everybody: bool = Field(
        False, description="The change is for every community; it is replayed on this one's cases."
    )
    name: str = Field("", max_length=140, description="Id of a prompt, or a document's name.")
    version: int | None = Field(None, ge=1, le=1_000_000, description="Version of a prompt.")
    terms: list[TermDraft] = Field([], max_length=1000, description="Bank terms to add.")
    content: str | None = Field(
        None, max_length=LONGEST_TAXONOMY, description="A whole taxonomy, document or thresholds."
    )
    retire: str | None = Field(
        None, max_length=64, description="Id of the bank term, or name of the document, to retire."
    )
    days: int = Field(14, ge=1, le=LONGEST_DAYS, description="Cases of so many days.")
    most: int = Field(2_000, ge=1, le=MOST_CASES, description="Of these the newest, at most.")
    asked: int = Field(20, ge=1, le=MOST_ASKED, description="Replies a prompt is tried on.")


class ShownFlip(BaseModel):
    """A case that comes out otherwise, with the beginning of its redacted text as it is now."""

    flip: PreviewFlip
    excerpt: str | None


class PreviewDetail(BaseModel):
    """A replay and a page of its flips."""

    preview: Preview
    flips: Page[ShownFlip]


@router.post(
    "", status_code=202, responses=documented(404, 409, body=True), summary="Replay a change"
)
async def replay(
    request: Request, response: Response, body: PreviewRequest, actor: Reader
) -> Preview:
    """The community's cases of the last days are decided by production and by the change, in the
    worker. Nothing is written to a case and nothing leaves. A prompt is tried on a few stored
    replies, which asks the model; without one it is refused. While the same replay waits or runs,
    the call gives that one."""
    require_scope(actor, body.kind)
    await find_community(request, actor, body.community)
    application = application_of(request)
    trial = await _trial(application, actor, body)
    done = await application.previews.request(
        body.community,
        trial,
        Window(days=body.days, most=body.most, asked=body.asked),
        by=actor.id,
    )
    response.headers["Location"] = f"/v1/previews/{done.preview.id}"
    return done.preview


@router.get("", responses=documented(404), summary="List replays")
async def previews(
    request: Request,
    community: InCommunity,
    _: Reader,
    kind: SubjectKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[Preview]:
    """On this community's cases, newest first."""
    queries = application_of(request).queries
    return await queries.previews(community.id, kind=kind, cursor=cursor, limit=limit)


@router.get("/{preview_id}", responses=documented(404), summary="Read a replay")
async def read(
    request: Request,
    preview_id: str,
    actor: Reader,
    kind: FlipKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PreviewDetail:
    """Where it stands; when done, the counts, the cost and a page of flips, the gravest first.
    `kind` shows one kind of flip."""
    application = application_of(request)
    found = await application.previews.get(preview_id)
    own(actor, found.community, "replay")
    page = await application.queries.preview_flips(found.id, kind=kind, cursor=cursor, limit=limit)
    excerpts = await application.insights.excerpts([one.case_id for one in page.items])
    shown = tuple(ShownFlip(flip=one, excerpt=excerpts.get(one.case_id)) for one in page.items)
    return PreviewDetail(preview=found, flips=Page(items=shown, cursor=page.cursor))


async def _trial(application: Application, actor: Actor, body: PreviewRequest) -> Trial:
    if body.kind is SubjectKind.RULES:
        return await _document(application, body)
    everywhere = body.everybody or body.kind in _EVERYWHERE
    wanted = EvaluationRequest(
        kind=body.kind,
        community=None if everywhere else body.community,
        name=body.name,
        version=body.version,
        terms=body.terms,
        content=body.content,
        retire=body.retire,
    )
    return await trial_of(application, actor, wanted)


async def _document(application: Application, body: PreviewRequest) -> Trial:
    rules = application.rules
    if body.retire is not None:
        return await rules.replay_without(body.community, body.retire)
    if not body.name:
        raise InvalidInput("Give the name of the document.")
    if body.content is None:
        return await rules.trial(body.community, body.name)
    given = Upload("preview.md", body.content.encode(), "text/markdown", body.name)
    return await rules.replay_of(body.community, given)
