"""The `Figures` port on one engine: each call is a short read-only transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import ARRAY, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.db import tables
from service.db.rows import to_model
from service.db.types import SafeText
from service.db.uow import translated
from service.domain.event import Event
from service.domain.fact import Period
from service.ports.figures import Around, Cell, HourOf, Newcomers, PublishedPost, Question
from service.ports.insights import TrendGroup

M = TypeVar("M", bound=BaseModel)

ASKED = ("usage_question", "account_access", "billing_refund", "event_question", "rule_question")
"""Categories whose cases are questions."""


def _statements() -> Mapping[str, str]:
    file = resources.files("service.db.queries") / "figures.sql"
    parts = re.split(r"^-- name: (\w+)\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


_SQL = _statements()


class SqlFigures:
    """See `service.ports.figures.Figures`.

    Raises:
        TransientProviderError: the database is busy or away.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def cells(
        self, community: str, by: TrendGroup, period: Period, *, department: str | None = None
    ) -> tuple[Cell, ...]:
        return await self._all(by.value, Cell, community, period, department=department)

    async def severe(self, community: str, period: Period, *, department: str | None) -> Cell:
        (found,) = await self._all("severe", Cell, community, period, department=department)
        return found

    async def late(self, community: str, period: Period, *, department: str | None) -> Cell:
        (found,) = await self._all("late", Cell, community, period, department=department)
        return found

    async def without_rule(self, community: str, period: Period) -> tuple[Cell, ...]:
        return await self._all("without_rule", Cell, community, period)

    async def questions(
        self, community: str, period: Period, *, least: int, limit: int
    ) -> tuple[Question, ...]:
        asked = {"least": least, "limit": limit, "categories": list(ASKED)}
        return await self._all("questions", Question, community, period, **asked)

    async def newcomers(self, community: str, period: Period) -> Newcomers:
        (found,) = await self._all("newcomers", Newcomers, community, period)
        return found

    async def published(self, community: str, period: Period) -> tuple[PublishedPost, ...]:
        return await self._all("published", PublishedPost, community, period)

    async def around(self, event: Event, timezone: str) -> Around:
        asked = {
            "community": event.community,
            "event": event.id,
            "zone": timezone,
            "start": event.details.start,
            "end": event.details.end,
            "announced": event.details.announced_at,
        }
        (found,) = await self._read("around", Around, event.community, asked)
        return found

    async def hours(
        self, community: str, zone: str, since: datetime, until: datetime
    ) -> tuple[HourOf, ...]:
        asked = {"community": community, "zone": zone, "since": since, "until": until}
        return await self._read("hours", HourOf, community, asked)

    async def _all(
        self, name: str, model: type[M], community: str, period: Period, **more: object
    ) -> tuple[M, ...]:
        return await self._read(name, model, community, more | _bounds(community, period))

    async def _read(
        self, name: str, model: type[M], community: str, values: Mapping[str, object]
    ) -> tuple[M, ...]:
        statement = text(_SQL[name])
        wanted = statement.compile().params.keys()
        lists = wanted & {"staff", "categories"}
        arrays = [bindparam(one, type_=ARRAY(SafeText)) for one in lists]
        with translated():
            async with self._engine.connect() as connection:
                read = await connection.execution_options(postgresql_readonly=True)
                known = {**values, "staff": await _staff(read, community)}
                given = {one: known[one] for one in wanted}
                rows = await read.execute(statement.bindparams(*arrays), given)
                return tuple(to_model(model, row) for row in rows.mappings())


def _bounds(community: str, period: Period) -> dict[str, object]:
    return {
        "community": community,
        "since": period.start,
        "until": period.end,
        "first": period.since,
        "last": period.until,
    }


async def _staff(connection: AsyncConnection, community: str) -> list[str]:
    c = tables.communities.c
    return list(await connection.scalar(select(c.staff).where(c.id == community)) or ())
