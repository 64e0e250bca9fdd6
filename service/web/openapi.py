"""The OpenAPI description: what FastAPI derives, plus our one error shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.web.problems import Problem

_RATE = {
    name: {"description": text, "schema": {"type": "integer"}}
    for name, text in (
        ("RateLimit-Limit", "Requests a minute"),
        ("RateLimit-Remaining", "Requests left in this minute"),
        ("RateLimit-Reset", "Seconds until the minute ends"),
    )
}


def describe(app: FastAPI) -> None:
    """Replace the app's description by the completed one, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(
                get_openapi(
                    title=app.title, version=app.version, summary=app.summary, routes=app.routes
                )
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            _drop_default_error(operation)
            if path.startswith("/v1"):
                _add_rates(operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(unused, None)
    return schema


def _drop_default_error(operation: dict[str, Any]) -> None:
    content = operation["responses"].get("422", {}).get("content", {})
    if "application/json" in content and "application/problem+json" in content:
        del content["application/json"]


def _add_rates(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {}).update(_RATE)
