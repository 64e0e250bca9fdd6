"""The SQLAlchemy engine: one driver (psycopg 3), sync and async, and how values are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from service.db.types import storable
from service.errors import ConfigurationError

_DRIVER = "postgresql+psycopg"
_ACCEPTED = frozenset({"postgres", "postgresql", _DRIVER})
_NUL = "\\u0000"


def normalise_url(url: str) -> URL:
    """The URL with our driver; `postgres://` and `postgresql://` are understood.

    Raises:
        ConfigurationError: it is no PostgreSQL URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "HUIYIN_DATABASE_URL cannot be read; write postgresql://user:password@host/database."
        ) from error
    if parsed.drivername not in _ACCEPTED:
        raise ConfigurationError(
            f"HUIYIN_DATABASE_URL names {parsed.drivername}; only PostgreSQL 15 or newer is served."
        )
    return parsed.set(drivername=_DRIVER)


def libpq_url(url: str) -> str:
    """The same URL for psycopg itself, without SQLAlchemy's driver name."""
    plain = normalise_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def make_engine(
    url: str, *, pool_size: int = 10, overflow: int = 10, statement_timeout_s: float = 30
) -> AsyncEngine:
    """An engine with a bounded pool; connections are checked before use.

    Args:
        pool_size: connections kept open.
        overflow: further ones at peaks.
        statement_timeout_s: the server ends a longer statement.
    """
    # A plan made once for all search words is bad for most of them.
    limits = (
        f"-c statement_timeout={int(statement_timeout_s * 1000)} -c timezone=UTC "
        "-c plan_cache_mode=force_custom_plan -c jit=off"
    )
    return create_async_engine(
        normalise_url(url),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"options": limits, "connect_timeout": 10, "application_name": "huiyin"},
        json_serializer=dump_json,
        # Values of members' messages never reach logs through error texts.
        hide_parameters=True,
    )


def dump_json(value: object) -> str:
    """JSON for a JSONB column; NUL and lone surrogates, which PostgreSQL refuses, become U+FFFD."""
    text = _fast_json(value)
    if _NUL in text:
        text = json.dumps(_without_nul(json.loads(text)), ensure_ascii=False)
    return storable(text)


def _fast_json(value: object) -> str:
    if isinstance(value, BaseModel):
        try:
            return value.model_dump_json()
        except PydanticSerializationError:
            value = value.model_dump()
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, Mapping):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value
