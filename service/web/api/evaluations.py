"""Comparisons of a change with production, and what went past the gate."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.bootstrap import Application
from service.domain.account import Actor, Scope
from service.domain.bank import TermDraft
from service.domain.evaluation import (
    LONGEST_REASON,
    SHORTEST_REASON,
    Evaluation,
    ForceState,
    Promotion,
    SubjectKind,
    Trial,
)
from service.domain.report import LONGEST_TAXONOMY
from service.domain.views import Page
from service.errors import InvalidInput, NotFound, NotPermitted
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require, require_reach
from service.web.state import application_of

router = APIRouter(tags=["evaluations"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]

_NEEDED = {
    SubjectKind.PROMPT: Scope.PROMPTS_WRITE,
    SubjectKind.BANK: Scope.BANK_WRITE,
    SubjectKind.RULES: Scope.RULES_WRITE,
}
"""What a key needs to compare, and to move afterwards; administrators the rest."""


class EvaluationRequest(Body):
    """What is to be compared with production, and for whom.

    `prompt`: `name` and `version`. `bank`: the `terms` to add, or the id of the one to `retire`.
    `taxonomy` (TOML) and `thresholds` (JSON): the whole `content`; left out, what is configured is
    compared with what is in force. `rules`: `name` is the slug of a staged document, or `retire` of
    a live one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "prompt", "name": "reply/grounded.zh", "version": 2},
                {
                    "kind": "bank",
                    "community": "zhujian",
                    "terms": [{"phrase": "堵门 ~ 讨说法", "floor": 3, "code": "mob"}],
                },
                {"kind": "thresholds", "content": '{"rule_confidence": 0.6}'},
            ]
        }
    )

    kind: SubjectKind
    community: str | None = Field(
        None, min_length=1, max_length=64, description="Left out: every community."
    )
    name: str = Field("", max_length=140, description="Id of a prompt, or slug of a document.")
    version: int | None = Field(None, ge=1, le=1_000_000, description="Version of a prompt.")
    terms: list[TermDraft] = Field([], max_length=1000, description="Bank terms to add.")
    content: str | None = Field(
        None, max_length=LONGEST_TAXONOMY, description="A whole taxonomy or set of thresholds."
    )
    retire: str | None = Field(
        None, max_length=64, description="Id of the bank term, or slug of the document, to retire."
    )


class Acceptance(Body):
    """What an administrator puts in force: what is configured, or a `content`, or what was in force
    before. `override` is the reason where no comparison passed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "taxonomy"},
                {"kind": "taxonomy", "override": "新分类来自法务，样例还没有补上"},
                {"kind": "thresholds", "back_to": "6f1d2c3b4a59"},
            ]
        }
    )

    kind: SubjectKind
    override: str | None = Field(
        None, min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="Kept and shown."
    )
    content: str | None = Field(
        None,
        max_length=LONGEST_TAXONOMY,
        description="A whole taxonomy or set of thresholds; left out: what is configured.",
    )
    back_to: str | None = Field(
        None, min_length=1, max_length=64, description="Hash of one that was in force before."
    )


class GateStates(BaseModel):
    """What files and settings say of each kind, and what is in force."""

    items: tuple[ForceState, ...]


class EvaluationDetail(BaseModel):
    """The comparison, and what went into production on it."""

    evaluation: Evaluation
    promotions: tuple[Promotion, ...]


@router.post(
    "/evaluations",
    status_code=202,
    responses=documented(404, 409, body=True),
    summary="Compare with production",
)
async def compare(
    request: Request,
    response: Response,
    body: EvaluationRequest,
    actor: Annotated[Actor, require(Scope.CASES_READ)],
) -> Evaluation:
    """The suite's golden cases are asked of production and of the change, which takes minutes. What
    passed or failed stands for its texts, so the call can be repeated; what is inconclusive or
    could not be carried out is compared anew."""
    require_scope(actor, body.kind)
    await require_reach(request, actor, body.community)
    application = application_of(request)
    trial = await trial_of(application, actor, body)
    done = await application.evaluations.request(trial, by=actor.id)
    response.headers["Location"] = f"/v1/evaluations/{done.evaluation.id}"
    return done.evaluation


@router.get("/evaluations", responses=documented(404), summary="List comparisons")
async def evaluations(
    request: Request,
    community: InCommunity,
    _: Reader,
    kind: SubjectKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[Evaluation]:
    """For the community and for everybody, newest first."""
    queries = application_of(request).queries
    return await queries.evaluations(community.id, kind=kind, cursor=cursor, limit=limit)


@router.get("/evaluations/{evaluation_id}", responses=documented(404), summary="Read a comparison")
async def read(
    request: Request, evaluation_id: str, community: InCommunity, _: Reader
) -> EvaluationDetail:
    """Where it stands; when done, the verdict with its figures and regressed cases."""
    application = application_of(request)
    found = await application.evaluations.get(evaluation_id)
    if found.community not in (None, community.id):
        raise NotFound("There is no such comparison.")
    used = await application.queries.promotions(community.id, evaluation=found.id)
    return EvaluationDetail(evaluation=found, promotions=used.items)


@router.get("/promotions", responses=documented(404), summary="List what went into production")
async def promotions(
    request: Request,
    community: InCommunity,
    _: Reader,
    kind: SubjectKind | None = None,
    name: Annotated[str | None, Query(max_length=140)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Promotion]:
    """For the community and for everybody, newest first. `basis` says why it might: a comparison
    that passed, an administrator's `override` with its reason, or nothing (`unproven`)."""
    return await application_of(request).queries.promotions(
        community.id, kind=kind, name=name, cursor=cursor, limit=limit
    )


@router.get("/gate", responses=documented(), summary="Read what is in force")
async def gate(request: Request, _: Reader) -> GateStates:
    """Of the taxonomy and the limits: what this process is configured with, and what every process
    works with. Where `accepted` is false, `stand` and `remedy` say why and what to do."""
    return GateStates(items=await application_of(request).in_force.states())


@router.post(
    "/promotions",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Put in force",
)
async def accept(
    request: Request, body: Acceptance, actor: Annotated[Actor, require(Scope.ADMIN)]
) -> Promotion:
    """A changed taxonomy or limit goes in force once it passed, or with the reason of an override,
    which is kept and shown. What was in force before comes back without either. Every process takes
    it up within seconds."""
    await require_reach(request, actor, None)
    return await application_of(request).in_force.accept(
        body.kind,
        by=actor.id,
        override=body.override or "",
        content=body.content,
        back_to=body.back_to,
    )


def require_scope(actor: Actor, kind: SubjectKind) -> None:
    """Refuse whoever may not move this kind of change.

    Raises:
        NotPermitted.
    """
    needed = _NEEDED.get(kind, Scope.ADMIN)
    if needed not in actor.scopes:
        raise NotPermitted(f"This needs the scope {needed.value!r}.", scope=needed.value)


async def trial_of(application: Application, actor: Actor, body: EvaluationRequest) -> Trial:
    """What a request names, beside production.

    Raises:
        InvalidInput, NotFound, NotPermitted, Conflict.
    """
    if body.kind is SubjectKind.PROMPT:
        if body.version is None:
            raise InvalidInput("Name the version of the prompt.")
        return await application.prompt_desk.trial(body.name, body.version, body.community)
    if body.kind is SubjectKind.BANK and body.retire is not None:
        trial = await application.bank.trial_without(body.retire)
        if trial.subject.community is not None:
            own(actor, trial.subject.community, "term")
        elif actor.community is not None:
            raise NotPermitted("This term is shared by every community.")
        return trial
    if body.kind is SubjectKind.BANK:
        return await application.bank.trial(body.community, body.terms)
    if body.kind in (SubjectKind.TAXONOMY, SubjectKind.THRESHOLDS) and body.community is None:
        return await application.in_force.trial(body.kind, body.content)
    if body.kind is SubjectKind.RULES and body.community is not None:
        if body.retire is not None:
            return await application.rules.trial_without(body.community, body.retire)
        return await application.rules.trial(body.community, body.name)
    whose = "one community" if body.kind is SubjectKind.RULES else "everybody"
    raise InvalidInput(f"This kind of change is one for {whose}.", kind=body.kind.value)
