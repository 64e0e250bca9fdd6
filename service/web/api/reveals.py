"""Personal data in clear: for those with the right, one message at a time, written down."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.reveal import LONGEST_PURPOSE, Reveal
from service.errors import NotFound
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, own, require
from service.web.state import application_of

router = APIRouter(prefix="/cases", tags=["cases"], route_class=ApiRoute)

Trusted = Annotated[Actor, require(Scope.PII_REVEAL)]


class Look(Body):
    """Which message, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"message_id": "msg_1", "reason": "Calling back about the injury."}]
        }
    )

    message_id: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=LONGEST_PURPOSE)


class InClear(BaseModel):
    """The record of the look, and the message as it was sent."""

    reveal: Reveal
    text: str


class Looks(BaseModel):
    """Every look at a case's personal data, oldest first."""

    items: tuple[Reveal, ...]


@router.post(
    "/{case_id}/reveals", responses=documented(404, body=True), summary="See a message in clear"
)
async def look(
    request: Request, response: Response, case_id: str, body: Look, actor: Trusted
) -> InClear:
    """One message with its personal data. Each call leaves a record that nobody can take back."""
    await _own_case(request, actor, case_id)
    shown = await application_of(request).reveal.reveal(
        case_id, body.message_id, by=actor.id, reason=body.reason
    )
    response.headers["Cache-Control"] = "no-store"
    return InClear(reveal=shown.reveal, text=shown.text)


@router.get("/{case_id}/reveals", responses=documented(404), summary="Who saw personal data")
async def looks(request: Request, case_id: str, actor: Trusted) -> Looks:
    """The records of a case; none of them holds what was seen."""
    await _own_case(request, actor, case_id)
    async with application_of(request).uow() as uow:
        return Looks(items=await uow.reveals.of_case(case_id))


async def _own_case(request: Request, actor: Actor, case_id: str) -> None:
    async with application_of(request).uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    own(actor, case.case.community, "case")
