"""Test cases that grow from people's work, and the suite that accepted ones make."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field, model_validator

from service.domain.account import Actor, Scope
from service.domain.base import Lang
from service.domain.sample import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Sample,
    SampleStatus,
    SampleTask,
    Wanted,
    golden_line,
)
from service.domain.views import Page
from service.errors import NotFound
from service.flows.sample_desk import SampleEdit
from service.web.api.base import Body, Cursor, Limit, documented
from service.web.guard import ApiRoute, InCommunity, own, require
from service.web.state import application_of

router = APIRouter(prefix="/samples", tags=["evaluations"], route_class=ApiRoute)

Reviewer = Annotated[Actor, require(Scope.REVIEW)]
Curator = Annotated[Actor, require(Scope.EXAMPLES_WRITE)]
Reader = Annotated[Actor, require(Scope.CASES_READ)]

LINES = "application/x-ndjson"


class JsonLines(Response):
    """A JSON object a line."""

    media_type = LINES


_LINES_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A case a line, in the order they were accepted",
        "content": {
            LINES: {
                "schema": {"type": "string"},
                "example": '{"id": "smp_1", "lang": "en", "query": "Can I get my money back?", '
                '"expect": {"clauses": ["membership#3.1"]}}\n',
            }
        },
    }
}


class NewSample(Body):
    """What to make a test case from: a case (its triage), or a review task (its reply, the clause
    it cites, or the triage of its case)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"task": "triage", "case_id": "case_01"},
                {"task": "draft", "task_id": "task_01", "text": "You have seven days."},
                {"task": "retrieval", "task_id": "task_01"},
            ]
        }
    )

    task: SampleTask
    case_id: str | None = Field(None, min_length=1, max_length=100)
    task_id: str | None = Field(None, min_length=1, max_length=100, description="A review task.")
    text: str | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="The reply as the reviewer would have it; left out: the decided or newest one.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> NewSample:
        if (self.case_id is None) == (self.task_id is None):
            raise ValueError("name a case or a review task, one of the two")
        if self.case_id is not None and self.task is not SampleTask.TRIAGE:
            raise ValueError("a reply or a search is taken from a review task")
        return self


class SampleWording(Body):
    """How the case is to read; what is left out stays as proposed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {"wanted": {"task": "triage", "categories": ["billing_refund"], "min_severity": 2}},
                {
                    "text": "Can I get my money back?",
                    "wanted": {
                        "task": "draft",
                        "cite": ["membership#3.1"],
                        "must_not_say": ["three months for free"],
                        "reply_lang": "en",
                    },
                },
            ]
        }
    )

    text: str | None = Field(None, min_length=1, max_length=LONGEST_TEXT)
    lang: Lang | None = Field(None, description="Language of the text.")
    wanted: Wanted | None = Field(None, description="The whole expectation, of the same task.")


class SampleReason(Body):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Too particular."}]})

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


@router.get(
    "",
    response_class=JsonLines,
    responses=documented(404) | _LINES_ANSWER,
    summary="Export accepted test cases",
)
async def export(
    request: Request,
    community: InCommunity,
    _: Reader,
    task: Annotated[SampleTask, Query(description="Which of the suite's tasks.")],
) -> Response:
    """JSON lines as the evaluation suite keeps its golden cases: save them and give the file to
    `python -m evals run --own`."""
    found = await application_of(request).sample_desk.suite(community.id, task)
    return JsonLines("".join(map(golden_line, found)))


@router.get("/proposals", responses=documented(404), summary="List test cases")
async def proposals(
    request: Request,
    community: InCommunity,
    _: Reader,
    status: SampleStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Sample]:
    """Newest first: what waits for an editor, and what became of the others."""
    return await application_of(request).queries.samples(
        community.id, status=status, cursor=cursor, limit=limit
    )


@router.post(
    "/proposals",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Propose a test case",
)
async def propose(request: Request, body: NewSample, actor: Reviewer) -> Sample:
    """A redacted case from what was judged or answered. A proposal that waits for the same case
    takes up the newer expectation; 409 `duplicate_sample` names the case that says the same."""
    harvest = application_of(request).harvest
    if body.case_id is not None:
        await _own_case(request, actor, body.case_id)
        return await harvest.from_case(body.case_id, by=actor.id)
    task_id = body.task_id or ""
    await _own_task(request, actor, task_id)
    return await harvest.from_task(task_id, body.task, by=actor.id, text=body.text)


@router.get("/proposals/{sample_id}", responses=documented(404), summary="Read a test case")
async def read(request: Request, sample_id: str, actor: Reader) -> Sample:
    """One case as it is now."""
    return await _own(request, actor, sample_id)


@router.post(
    "/proposals/{sample_id}/accept",
    responses=documented(404, 409, body=True),
    summary="Accept a test case",
)
async def accept(request: Request, sample_id: str, body: SampleWording, actor: Curator) -> Sample:
    """It belongs to the community's suite from now on, as proposed or as edited."""
    await _own(request, actor, sample_id)
    edit = SampleEdit(body.text, body.lang, body.wanted)
    return await application_of(request).sample_desk.accept(sample_id, edit, by=actor.id)


@router.post(
    "/proposals/{sample_id}/reject",
    responses=documented(404, 409, body=True),
    summary="Reject a test case",
)
async def reject(request: Request, sample_id: str, body: SampleReason, actor: Curator) -> Sample:
    """Nothing of its case is suggested again."""
    await _own(request, actor, sample_id)
    desk = application_of(request).sample_desk
    return await desk.reject(sample_id, by=actor.id, reason=body.reason)


@router.post(
    "/proposals/{sample_id}/retire",
    responses=documented(404, 409, body=True),
    summary="Retire a test case",
)
async def retire(request: Request, sample_id: str, body: SampleReason, actor: Curator) -> Sample:
    """Take an accepted case out of the suite."""
    await _own(request, actor, sample_id)
    desk = application_of(request).sample_desk
    return await desk.retire(sample_id, by=actor.id, reason=body.reason)


async def _own(request: Request, actor: Actor, sample_id: str) -> Sample:
    async with application_of(request).uow() as uow:
        found = await uow.samples.get(sample_id)
    if found is None:
        raise NotFound("There is no such test case.")
    own(actor, found.community, "test case")
    return found


async def _own_case(request: Request, actor: Actor, case_id: str) -> None:
    async with application_of(request).uow() as uow:
        found = (await uow.cases.texts([case_id])).get(case_id)
    if found is None:
        raise NotFound("There is no such case.")
    own(actor, found.case.community, "case")


async def _own_task(request: Request, actor: Actor, task_id: str) -> None:
    async with application_of(request).uow() as uow:
        found = await uow.reviews.get(task_id)
    if found is None:
        raise NotFound("There is no such review task.")
    own(actor, found.community, "review task")
