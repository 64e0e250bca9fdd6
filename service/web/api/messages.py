"""Messages come in: one, or up to a thousand in one call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from service.domain.account import Actor, Scope
from service.domain.message import IngestResult, IngestStatus
from service.flows.changes import MAX_CHANGES
from service.flows.ingest import MAX_BATCH
from service.web.api.base import documented
from service.web.guard import ApiRoute, find_community, require
from service.web.idempotency import answer_once
from service.web.state import application_of

router = APIRouter(prefix="/messages", tags=["messages"], route_class=ApiRoute)

EXAMPLE: dict[str, JsonValue] = {
    "source": "wechat",
    "external_id": "wx-20260401-0007",
    "author": "wx_7f3a",
    "text": "同步又失败了，怎么办？",
    "sent_at": "2026-04-01T20:15:00+08:00",
    "channel": "wechat-main",
}


CHANGE: dict[str, JsonValue] = {
    "kind": "edited",
    "source": "wechat",
    "external_id": "wx-20260401-0007",
    "text": "同步好了，不用管了",
    "at": "2026-04-01T20:20:00+08:00",
}


class Batch(BaseModel):
    """Messages of one community. Each item is judged by itself, so its fields are not enforced
    here: a bad one is `rejected` in the answer and the others are stored."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"community": "zhujian", "messages": [EXAMPLE]}]},
    )

    community: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")
    messages: dict[str, Any] | list[Any] = Field(
        description=f"One message object, or 1 to {MAX_BATCH} of them. Fields of a message: "
        "`source`, `external_id`, `author`, `text` (needed); `sent_at`, `channel`, `thread`, "
        "`reply_to`.",
    )


class ChangeBatch(BaseModel):
    """Changes of one community's messages; each item is judged by itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"community": "zhujian", "changes": [CHANGE]}]},
    )

    community: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")
    changes: dict[str, Any] | list[Any] = Field(
        description=f"One change, or 1 to {MAX_CHANGES} of them: `kind` (edited, withdrawn, left) "
        "and `source`; `external_id` for the first two, `text` for edited, `author` for left; "
        "`at` if it was not just now.",
    )


class Ingested(BaseModel):
    """One answer for each item, in order."""

    accepted: int
    duplicate: int
    rejected: int
    results: tuple[IngestResult, ...]

    @classmethod
    def of(cls, results: tuple[IngestResult, ...]) -> Ingested:
        """Count what became of the items."""
        count = dict.fromkeys(IngestStatus, 0)
        for one in results:
            count[one.status] += 1
        return cls(**{status.value: n for status, n in count.items()}, results=results)


@router.post(
    "",
    status_code=202,
    response_model=Ingested,
    responses=documented(404, 409, body=True),
    summary="Hand in messages",
)
async def hand_in(
    request: Request,
    body: Batch,
    actor: Annotated[Actor, require(Scope.MESSAGES_WRITE)],
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            description="The same key with the same body gets the stored answer again.",
        ),
    ] = None,
) -> Response:
    """Store what is new and defer its triage; a repeated message changes nothing."""
    application = application_of(request)
    await find_community(request, actor, body.community)

    async def work() -> Ingested:
        return Ingested.of(await application.ingest.ingest(body.community, items_of(body.messages)))

    return await answer_once(
        application, actor, idempotency_key, await request.body(), status=202, work=work
    )


@router.post(
    "/changes",
    status_code=202,
    responses=documented(404, 409, body=True),
    summary="Hand in edits, withdrawals, departures",
)
async def change(
    request: Request, body: ChangeBatch, actor: Annotated[Actor, require(Scope.MESSAGES_WRITE)]
) -> Ingested:
    """What members did to messages that were handed in before. An edit is judged and drafted anew;
    a draft of a message that was taken back cannot be approved. Repeating a change adds nothing."""
    application = application_of(request)
    await find_community(request, actor, body.community)
    items = items_of(body.changes)
    return Ingested.of(await application.changes.take(body.community, items))


def items_of(messages: Any) -> list[Any]:
    """One message or many as a list, with every text encodable."""
    raw = messages if isinstance(messages, list) else [messages]
    return [_encodable(one) for one in raw]


def _encodable(value: Any) -> Any:
    """Lone surrogates replaced, so that the item can be answered for."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    return value
