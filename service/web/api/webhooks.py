"""What a platform hands in that signs its requests instead of holding a key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request

from service.connectors.webhook_in import verify
from service.errors import NotAuthenticated
from service.web.api.base import documented
from service.web.api.messages import EXAMPLE, Ingested, items_of
from service.web.api.post_results import Imported
from service.web.problems import MalformedRequest
from service.web.result_rows import items_read
from service.web.state import application_of, client_address, limiter_of

router = APIRouter(prefix="/webhooks", tags=["messages"])


def _body(example: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI entry of one object or an array of them."""
    content = {
        "schema": {"oneOf": [{"type": "object"}, {"type": "array", "items": {}}]},
        "examples": {"one": {"value": example}},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


_BODY = _body(EXAMPLE)
_RESULTS = _body(
    {
        "post_id": "post_01",
        "metric": "joins",
        "value": 17,
        "as_of": "2026-04-12T09:00:00+08:00",
        "source": "wecom",
    }
)


@router.post(
    "/{community}/messages",
    status_code=202,
    responses=documented(404, body=True),
    openapi_extra=_BODY,
    summary="Hand in signed messages",
)
async def receive(
    request: Request,
    community: Annotated[str, Path(max_length=64)],
    timestamp: Annotated[str, Header(alias="X-Huiyin-Timestamp", max_length=32)] = "",
    signature: Annotated[str, Header(alias="X-Huiyin-Signature", max_length=200)] = "",
) -> Ingested:
    """One message object or an array of them, signed with the community's inbound secret over
    timestamp and body. A request that is too old is refused, a repeated one changes nothing."""
    items = await _items(request, community, timestamp, signature)
    return Ingested.of(await application_of(request).ingest.ingest(community, items))


@router.post(
    "/{community}/post-results",
    responses=documented(404, body=True),
    openapi_extra=_RESULTS,
    summary="Tell signed results of posts",
)
async def results(
    request: Request,
    community: Annotated[str, Path(max_length=64)],
    timestamp: Annotated[str, Header(alias="X-Huiyin-Timestamp", max_length=32)] = "",
    signature: Annotated[str, Header(alias="X-Huiyin-Signature", max_length=200)] = "",
) -> Imported:
    """One count of a post or an array of them, such as joins, signed like messages. Items that
    cannot be taken are answered by number, the others are stored; a repeated one adds nothing."""
    rows = items_read(await _items(request, community, timestamp, signature))
    told = await application_of(request).results.import_rows(community, rows.read, "webhook")
    return Imported.of(rows, *told)


async def _items(request: Request, community: str, timestamp: str, signature: str) -> list[Any]:
    """The items of a body that was signed for the community."""
    application, limiter = application_of(request), limiter_of(request)
    request.state.rate = await limiter.client(f"webhook:{client_address(request)}")
    body = await request.body()
    now = application.clock.now()
    secret = application.secrets.inbound_of(community)
    if not verify(secret, timestamp, body, signature, now):
        raise NotAuthenticated("The signature is wrong or too old.")
    return items_of(_json(body))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("The body is not JSON in UTF-8.") from error
