"""Shared manners of the API: bodies, documented errors, paging."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.domain.evaluation import LONGEST_REASON
from service.web.problems import MEDIA_TYPE

_MEANINGS = {
    400: "The request cannot be read",
    401: "No valid API key",
    403: "The key lacks the scope, or belongs to another community",
    404: "No such thing, or not in the key's community",
    405: "This address does not take the method",
    409: "The request does not fit the present state",
    413: "The body is too large",
    415: "The body has another media type than this address takes",
    422: "Something in the request cannot be accepted; `detail` says what",
    429: "Too many requests; `Retry-After` says when to come back",
    500: "A fault on our side; the log explains `error_id`",
    503: "A part we need is away; `Retry-After` says when to try again",
}

_ALWAYS = (400, 401, 403, 405, 422, 429, 500, 503)
_WITH_BODY = (413, 415)

Cursor = Annotated[
    str | None,
    Query(max_length=500, description="`cursor` of the page before; leave out for the first."),
]
Limit = Annotated[int, Query(ge=1, le=200, description="Items a page.")]


class Body(BaseModel):
    """Base of request bodies: unknown fields and characters no database can store are refused."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        if _holds_nul(value):
            raise ValueError("a text holds a NUL character")
        return value


OVERRIDE = Field(
    "",
    max_length=LONGEST_REASON,
    description="Why this goes into production without a passing comparison, 10 to 500 characters; "
    "needs the scope `admin` and is shown.",
)


def documented(*more: int, body: bool = False) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries of the errors an operation can answer with."""
    statuses = sorted({*_ALWAYS, *more, *(_WITH_BODY if body else ())})
    return {status: problem_entry(status) for status in statuses}


def problem_entry(status: int) -> dict[str, Any]:
    """One error answer."""
    schema = {"$ref": "#/components/schemas/Problem"}
    entry: dict[str, Any] = {
        "description": _MEANINGS[status],
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in (429, 503):
        entry["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return entry


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return any(_holds_nul(one) for one in value)
    return False
