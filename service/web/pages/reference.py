"""The API reference as a page, made from the OpenAPI description: no script, no other host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, FastAPI, Request, Response

from service.web.render import pages_of
from service.web.spreadsheet import MEDIA_TYPE as CSV
from service.web.viewer import guest_lang

router = APIRouter()

JSON = "application/json"


class Parameter(NamedTuple):
    """One parameter of an operation."""

    name: str
    place: str
    required: bool
    description: str


class Operation(NamedTuple):
    """One operation as the page shows it; `body` is an example as JSON or CSV, or empty."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: str
    answers: tuple[tuple[str, str], ...]


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Every operation; open to strangers, since it holds no data."""
    groups = reference(request.app)
    return pages_of(request).guest(request, guest_lang(request), "reference.html", groups=groups)


def reference(app: FastAPI) -> dict[str, list[Operation]]:
    """Operations by tag, in the order of the description."""
    schema = app.openapi()
    groups: dict[str, list[Operation]] = {}
    for path, operations in schema["paths"].items():
        for method, raw in operations.items():
            tag = (raw.get("tags") or ["health"])[0]
            groups.setdefault(tag, []).append(_operation(schema, path, method, raw))
    return groups


def _operation(schema: dict[str, Any], path: str, method: str, raw: dict[str, Any]) -> Operation:
    return Operation(
        anchor=raw["operationId"],
        method=method.upper(),
        path=path,
        summary=raw.get("summary", ""),
        description=raw.get("description", ""),
        parameters=tuple(_parameters(raw)),
        body=_example(schema, raw),
        answers=tuple((code, answer["description"]) for code, answer in raw["responses"].items()),
    )


def _parameters(raw: dict[str, Any]) -> Iterator[Parameter]:
    for one in raw.get("parameters", ()):
        description = one.get("description") or one["schema"].get("description", "")
        yield Parameter(one["name"], one["in"], bool(one.get("required")), description)


def _example(schema: dict[str, Any], raw: dict[str, Any]) -> str:
    """The request body's first example, looked up through one reference."""
    content = raw.get("requestBody", {}).get("content", {}).get(JSON)
    if content is None:
        return _table(raw)
    body = content.get("schema", {})
    if "$ref" in body:
        body = schema["components"]["schemas"][body["$ref"].rsplit("/", 1)[1]]
    named = [one.get("value") for one in content.get("examples", {}).values()]
    found = named or body.get("examples") or []
    return json.dumps(found[0], ensure_ascii=False, indent=2) if found else ""


def _table(raw: dict[str, Any]) -> str:
    """The example of a body that is CSV."""
    content = raw.get("requestBody", {}).get("content", {}).get(CSV, {})
    return str(content.get("example", ""))
