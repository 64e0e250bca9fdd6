"""The only place where errors become HTTP statuses (RFC 9457, problem+json)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from service.errors import (
    AppError,
    ConfigurationError,
    Conflict,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PermanentProviderError,
    RateLimited,
    TransientProviderError,
)

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER_S = 5
"""Wait suggested when a model, store or receiver is away."""

_STATUS: tuple[tuple[type[AppError], int], ...] = (
    (InvalidInput, 422),
    (NotAuthenticated, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (RateLimited, 429),
    (TransientProviderError, 503),
    (PermanentProviderError, 502),
    (ConfigurationError, 500),
)

_HTTP_CODES = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
}


class MalformedRequest(AppError):
    """The request cannot be read at all."""

    code = "malformed_request"


class UnsupportedMedia(AppError):
    """The body has a type this address does not take."""

    code = "unsupported_media_type"


class Problem(BaseModel):
    """An error as clients see it (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:huiyin:problem:not_found",
                    "title": "Not Found",
                    "status": 404,
                    "code": "not_found",
                    "detail": "There is no such case.",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, Any]] | None = None
    details: dict[str, Any] | None = None
    error_id: str | None = None


def status_of(error: AppError) -> int:
    """The HTTP status of an expected error."""
    if isinstance(error, UnsupportedMedia):
        return 415
    if isinstance(error, MalformedRequest):
        return 400
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: object
) -> JSONResponse:
    """A problem+json response."""
    body = Problem(
        type=f"urn:huiyin:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        **more,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True), status, headers=headers, media_type=MEDIA_TYPE
    )


def from_app_error(error: AppError) -> JSONResponse:
    """An expected error; its details hold no member text by contract."""
    details = json.loads(json.dumps(error.details, default=str)) or None
    return problem(
        status_of(error), error.code, error.message, headers=headers_of(error), details=details
    )


def headers_of(error: AppError) -> dict[str, str]:
    """Headers an error asks for."""
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, RateLimited):
        wait = str(error.details.get("retry_after_s", RETRY_AFTER_S))
        limit = {"RateLimit-Limit": str(error.details["limit"])} if "limit" in error.details else {}
        return {"Retry-After": wait, "RateLimit-Remaining": "0", "RateLimit-Reset": wait, **limit}
    if isinstance(error, TransientProviderError):
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {}


def from_validation(error: RequestValidationError) -> JSONResponse:
    """What is wrong with which field; the input itself is not echoed."""
    errors = [
        {"loc": [str(part) for part in one["loc"]], "msg": str(one["msg"]), "type": one["type"]}
        for one in error.errors()
    ]
    clean = [{key: _printable(value) for key, value in one.items()} for one in errors[:20]]
    return problem(422, "invalid_input", "The request does not fit the schema.", errors=clean)


def from_http(error: HTTPException) -> JSONResponse:
    """What the framework refused: unknown paths, methods, oversized bodies."""
    code = _HTTP_CODES.get(error.status_code, "http_error")
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, code, str(error.detail), headers=headers)


def unexpected(error_id: str) -> JSONResponse:
    """A fault of ours: only an id leaves, which the log explains."""
    return problem(
        500, "internal", "Something went wrong on our side; the log names it.", error_id=error_id
    )


def wants_problem(request: Request) -> bool:
    """Whether the caller is a program: everything but the pages."""
    path = request.url.path
    return path.startswith("/v1") or path in ("/healthz", "/readyz", "/metrics", "/openapi.json")


def _printable(value: object) -> object:
    """Text that can be encoded: lone surrogates in a key must not break the answer."""
    if isinstance(value, list):
        return [_printable(one) for one in value]
    return str(value).encode("utf-8", "replace").decode()
