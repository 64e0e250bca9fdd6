"""Drafts: ask for one, read one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from service.bootstrap import Application
from service.domain.account import Actor, Scope
from service.domain.conflict import ClauseConflict
from service.domain.draft import Draft, Fact, NumberLink, PromptReplay, Revision
from service.errors import NotFound
from service.web.api.base import Body, documented
from service.web.facts_view import HEAD, fact_rows
from service.web.guard import ApiRoute, own, require
from service.web.spreadsheet import CSV_ANSWER, as_csv, wants_csv
from service.web.state import application_of
from service.web.streaming import stream_draft

router = APIRouter(prefix="/drafts", tags=["drafts"], route_class=ApiRoute)


class DraftRequest(Body):
    """Which case to answer, and what a person wants of the answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"case_id": "case_…", "instruction": "更简短一些"}]}
    )

    case_id: str = Field(min_length=1, max_length=100)
    instruction: str = Field("", max_length=600)
    candidate: bool = Field(
        False, description="By the candidate version of the prompt, whatever its share."
    )


class Drafted(BaseModel):
    """A draft and the review task that waits for it."""

    draft: Draft
    task_id: str | None


class DraftDetail(BaseModel):
    """A draft with every version of its text; `conflict` tells which two clauses held it, if any
    did: places are in the text of the clause of that version."""

    draft: Draft
    revisions: tuple[Revision, ...]
    conflict: ClauseConflict | None


class DraftFacts(BaseModel):
    """The facts a draft was given, and the numbers of its text that are facts."""

    facts: tuple[Fact, ...]
    numbers: tuple[NumberLink, ...]


_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["text", "restart", "draft", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}

_STREAMED: dict[str, Any] = {
    "description": "The draft; with `stream=true` events `text` (the text so far), `restart` (it is"
    " void, a new one begins), then `draft` (as below) or `error`",
    "content": {"text/event-stream": {"schema": _EVENT}},
}


@router.post(
    "",
    status_code=201,
    response_model=Drafted,
    responses={201: _STREAMED, **documented(404, 409, body=True)},
    summary="Draft a reply",
)
async def draft(
    request: Request,
    body: DraftRequest,
    actor: Annotated[Actor, require(Scope.DRAFTS_WRITE)],
    stream: Annotated[bool, Query(description="Answer as server-sent events.")] = False,
) -> Any:
    """Draft again, superseding the last. Without a living model the rule-grounded template
    answers and `draft.composition.origin` is `template`."""
    application = application_of(request)
    await _require_case(application, actor, body.case_id)
    if not stream:
        made = await application.draft.redraft(
            body.case_id, instruction=body.instruction, candidate=body.candidate
        )
        return await _drafted(application, made)

    async def finish(made: Draft) -> dict[str, object]:
        return (await _drafted(application, made)).model_dump(mode="json")

    response: StreamingResponse = stream_draft(
        lambda on_delta: application.draft.redraft(
            body.case_id,
            instruction=body.instruction,
            candidate=body.candidate,
            on_delta=on_delta,
        ),
        finish,
    )
    response.status_code = 201
    return response


@router.get("/{draft_id}", responses=documented(404), summary="Read a draft")
async def read(
    request: Request, draft_id: str, actor: Annotated[Actor, require(Scope.DRAFTS_WRITE)]
) -> DraftDetail:
    """The draft as composed, and its revisions."""
    async with application_of(request).uow() as uow:
        found = await uow.drafts.get(draft_id)
        if found is None:
            raise NotFound("There is no such draft.")
        own(actor, found.community, "draft")
        context = await uow.drafts.context(found.context_id)
        return DraftDetail(
            draft=found,
            revisions=await uow.drafts.revisions(draft_id),
            conflict=context.conflict if context else None,
        )


@router.get(
    "/{draft_id}/facts",
    response_model=DraftFacts,
    responses=documented(404) | CSV_ANSWER,
    summary="Facts of a draft",
)
async def facts(
    request: Request,
    draft_id: str,
    actor: Annotated[Actor, require(Scope.CASES_READ)],
    format: Annotated[
        Literal["json", "csv"] | None, Query(description="Or send `Accept: text/csv`.")
    ] = None,
) -> DraftFacts | Response:
    """What code counted before the text was written, frozen with the draft; which numbers of the
    composed text are which facts; `link` leads to the items behind a number. CSV holds the
    facts."""
    async with application_of(request).uow() as uow:
        found = await uow.drafts.get(draft_id)
        if found is None:
            raise NotFound("There is no such draft.")
        own(actor, found.community, "draft")
        context = await uow.drafts.context(found.context_id)
    known = context.facts if context else ()
    if wants_csv(request, format):
        return as_csv("facts", HEAD, fact_rows(known))
    return DraftFacts(facts=known, numbers=found.composition.numbers)


@router.get("/{draft_id}/prompt", responses=documented(404, 409), summary="Read a draft's prompt")
async def prompt(
    request: Request, draft_id: str, actor: Annotated[Actor, require(Scope.DRAFTS_WRITE)]
) -> PromptReplay:
    """What a model was asked for this draft, rendered again from the context that was frozen then:
    byte for byte the same, whatever the prompt says by now. `same` compares the hash kept then; 409
    where the text of its version is gone."""
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.drafts.get(draft_id)
    if found is None:
        raise NotFound("There is no such draft.")
    own(actor, found.community, "draft")
    return await application.replay.prompt(draft_id)


async def _require_case(application: Application, actor: Actor, case_id: str) -> None:
    async with application.uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    own(actor, case.case.community, "case")


async def _drafted(application: Application, made: Draft) -> Drafted:
    task_id = await application.queries.task_of_case(made.case_id or "")
    return Drafted(draft=made, task_id=task_id)
