"""Prompts under version: read, compare, propose, label, roll back, split."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.evaluation import Promotion, SubjectKind
from service.domain.prompt import (
    FIGURE_DAYS,
    LONGEST_TEMPLATE,
    MOST_PERCENT,
    LabelMove,
    PromptFigures,
    PromptLabel,
    PromptSplit,
    PromptState,
    PromptVersion,
)
from service.domain.views import Page
from service.flows.prompt_desk import Place, Word
from service.web.api.base import OVERRIDE, Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, require, require_override, require_reach
from service.web.state import application_of

router = APIRouter(prefix="/prompts", tags=["prompts"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]
Writer = Annotated[Actor, require(Scope.PROMPTS_WRITE)]
Kind = Annotated[str, Path(max_length=40, examples=["reply"])]
Name = Annotated[str, Path(max_length=100, examples=["grounded.zh"])]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
Side = Annotated[int, Query(ge=1, le=1_000_000, description="Number of a version.")]
_NUMBER = Field(None, ge=1, le=1_000_000, description="Version; null takes the label away.")
_COMMUNITY = Field(None, min_length=1, max_length=64, description="Left out: every community.")
_REASON = Field(min_length=1, max_length=500)


class PromptList(BaseModel):
    """What holds for each prompt."""

    items: tuple[PromptState, ...]


class PromptDetail(BaseModel):
    """What holds, what people decided about texts a model wrote from each version in the last 90
    days, and the last twenty times a version went into production, with why it might."""

    state: PromptState
    figures: tuple[PromptFigures, ...]
    promotions: tuple[Promotion, ...]


class NewVersion(Body):
    """A whole text, front matter included, and what was changed and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "---\nid: reply/grounded.zh\n…", "note": "先道歉，再说规则"}]
        }
    )

    text: str = Field(min_length=1, max_length=LONGEST_TEMPLATE)
    note: str = _REASON


class Proposal(BaseModel):
    """The version with this text; `added` is false where it was there already."""

    version: PromptVersion
    added: bool


class Difference(BaseModel):
    """A unified diff of two versions and the partials they include; empty where they are the
    same."""

    diff: str


class LabelChange(Body):
    """Which version a label goes to, for whom and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"label": "candidate", "version": 2, "reason": "先试百分之十"}]
        }
    )

    label: PromptLabel
    version: int | None = _NUMBER
    community: str | None = _COMMUNITY
    reason: str = _REASON
    override: str = OVERRIDE


class Rollback(Body):
    """Which label goes back; `version` is where it stands now, so that a repeated call does not go
    back twice."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"label": "production", "version": 2, "reason": "拒绝变多了"}]
        }
    )

    label: PromptLabel
    version: int | None = _NUMBER
    community: str | None = _COMMUNITY
    reason: str = _REASON


class SplitChange(Body):
    """The share of the cases that gets the candidate."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"percent": 10, "reason": "试一周"}]})

    percent: int = Field(ge=0, le=MOST_PERCENT)
    community: str | None = _COMMUNITY
    reason: str = _REASON


@router.get("", responses=documented(404), summary="List prompts")
async def prompts(request: Request, community: InCommunity, _: Reader) -> PromptList:
    """Which version each prompt uses in this community, its candidate and that one's share."""
    return PromptList(items=await application_of(request).prompt_views.states(community.id))


@router.get("/{prompt_kind}/{prompt_name}", responses=documented(404), summary="Read a prompt")
async def read(
    request: Request, prompt_kind: Kind, prompt_name: Name, community: InCommunity, _: Reader
) -> PromptDetail:
    """What holds for it in this community, and how its versions were received there."""
    application, template = application_of(request), f"{prompt_kind}/{prompt_name}"
    state = await application.prompt_views.state(template, community.id)
    since = application.clock.now() - timedelta(days=FIGURE_DAYS)
    figures = await application.queries.prompt_figures(template, community.id, since=since)
    promotions = await application.queries.promotions(
        community.id, kind=SubjectKind.PROMPT, name=template, limit=20
    )
    return PromptDetail(state=state, figures=figures, promotions=promotions.items)


@router.get(
    "/{prompt_kind}/{prompt_name}/versions", responses=documented(404), summary="List versions"
)
async def versions(
    request: Request, prompt_kind: Kind, prompt_name: Name, community: InCommunity, _: Reader,
    cursor: Cursor = None, limit: Limit = 20,
) -> Page[PromptVersion]:  # fmt: skip
    """Newest first, each with its text. Versions are shared by all communities."""
    application, template = application_of(request), f"{prompt_kind}/{prompt_name}"
    await application.prompt_views.state(template, community.id)
    return await application.queries.prompt_versions(template, cursor=cursor, limit=limit)


@router.get(
    "/{prompt_kind}/{prompt_name}/versions/{number}",
    responses=documented(404),
    summary="Read a version",
)
async def version(
    request: Request, prompt_kind: Kind, prompt_name: Name, number: Number, _: Reader
) -> PromptVersion:
    """One version with its text and the partials it includes, in the state they had."""
    return await application_of(request).prompt_views.version(
        f"{prompt_kind}/{prompt_name}", number
    )


@router.post(
    "/{prompt_kind}/{prompt_name}/versions",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Propose a version",
)
async def propose(
    request: Request, prompt_kind: Kind, prompt_name: Name, body: NewVersion, actor: Writer
) -> Proposal:
    """Stored as a new version, which is used only where a label is moved to it. The text must keep
    the values the code gives, their fences and the form of the answer. A text that is there already
    is not stored again, so the call can be repeated."""
    said = Word(actor.id, body.note)
    done = await application_of(request).prompt_desk.propose(
        f"{prompt_kind}/{prompt_name}", body.text, said
    )
    return Proposal(version=done.version, added=done.added)


@router.get(
    "/{prompt_kind}/{prompt_name}/diff", responses=documented(404), summary="Compare versions"
)
async def compare(
    request: Request, prompt_kind: Kind, prompt_name: Name, old: Side, new: Side, _: Reader
) -> Difference:
    """What changed from one version to the other."""
    views = application_of(request).prompt_views
    return Difference(diff=await views.diff(f"{prompt_kind}/{prompt_name}", old, new))


@router.post(
    "/{prompt_kind}/{prompt_name}/labels",
    responses=documented(404, 409, body=True),
    summary="Move a label",
)
async def move(
    request: Request, prompt_kind: Kind, prompt_name: Name, body: LabelChange, actor: Writer
) -> LabelMove:
    """In force within seconds, in every process. A label that stands there already stays, so the
    call can be repeated. A community's own production comes before everybody's; taken away, it
    follows everybody's again.

    Production needs a passing comparison of this version with the one that is there now (409
    `not_compared` otherwise, see `POST /v1/evaluations`)."""
    await require_reach(request, actor, body.community)
    place = Place(f"{prompt_kind}/{prompt_name}", body.label, body.community)
    said = Word(actor.id, body.reason, require_override(actor, body.override))
    return await application_of(request).prompt_desk.move(place, body.version, said)


@router.post(
    "/{prompt_kind}/{prompt_name}/rollback",
    responses=documented(404, 409, body=True),
    summary="Roll back",
)
async def rollback(
    request: Request, prompt_kind: Kind, prompt_name: Name, body: Rollback, actor: Writer
) -> LabelMove:
    """The last move that still stands is taken back."""
    await require_reach(request, actor, body.community)
    place = Place(f"{prompt_kind}/{prompt_name}", body.label, body.community)
    said = Word(actor.id, body.reason)
    return await application_of(request).prompt_desk.rollback(place, body.version, said)


@router.post(
    "/{prompt_kind}/{prompt_name}/split",
    responses=documented(404, 409, body=True),
    summary="Split the cases",
)
async def split(
    request: Request, prompt_kind: Kind, prompt_name: Name, body: SplitChange, actor: Writer
) -> PromptSplit:
    """From now on this share gets the candidate; the same case always stays on its side. 0 ends
    it."""
    await require_reach(request, actor, body.community)
    said = Word(actor.id, body.reason)
    return await application_of(request).prompt_desk.split(
        f"{prompt_kind}/{prompt_name}", body.community, body.percent, said
    )


@router.get(
    "/{prompt_kind}/{prompt_name}/history", responses=documented(404), summary="Read the history"
)
async def history(
    request: Request, prompt_kind: Kind, prompt_name: Name, community: InCommunity, _: Reader,
    cursor: Cursor = None, limit: Limit = 50,
) -> Page[LabelMove]:  # fmt: skip
    """Who moved a label, for everybody or this community, newest first. `shipped` and `kept` are a
    release's lines: production followed it, or stayed where a person had put it."""
    application, template = application_of(request), f"{prompt_kind}/{prompt_name}"
    await application.prompt_views.state(template, community.id)
    return await application.queries.prompt_moves(
        template, community.id, cursor=cursor, limit=limit
    )


@router.get("/{prompt_kind}/{prompt_name}/splits", responses=documented(404), summary="List splits")
async def splits(
    request: Request, prompt_kind: Kind, prompt_name: Name, community: InCommunity, _: Reader,
    cursor: Cursor = None, limit: Limit = 50,
) -> Page[PromptSplit]:  # fmt: skip
    """The shares its candidate was given, for everybody or this community, newest first."""
    application, template = application_of(request), f"{prompt_kind}/{prompt_name}"
    await application.prompt_views.state(template, community.id)
    return await application.queries.prompt_splits(
        template, community.id, cursor=cursor, limit=limit
    )
