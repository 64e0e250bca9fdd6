"""Messages handed in by a platform that signs its requests instead of holding a key."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request

from service.connectors.webhook_in import verify
from service.errors import NotAuthenticated
from service.web.api.base import documented
from service.web.api.messages import EXAMPLE, Ingested, items_of
from service.web.problems import MalformedRequest
from service.web.state import application_of, client_address, limiter_of

router = APIRouter(prefix="/webhooks", tags=["messages"])

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"type": "object"}, {"type": "array", "items": {}}]},
                "examples": {"one": {"value": EXAMPLE}},
            }
        },
    }
}


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
    application, limiter = application_of(request), limiter_of(request)
    request.state.rate = await limiter.client(f"webhook:{client_address(request)}")
    body = await request.body()
    now = application.clock.now()
    secret = application.secrets.inbound_of(community)
    if not verify(secret, timestamp, body, signature, now):
        raise NotAuthenticated("The signature is wrong or too old.")
    items = items_of(_json(body))
    return Ingested.of(await application.ingest.ingest(community, items))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("The body is not JSON in UTF-8.") from error
