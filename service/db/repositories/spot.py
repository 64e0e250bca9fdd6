"""What was drawn to be judged by people, and from which days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from importlib import resources

from sqlalchemy import ARRAY, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, to_model, values_of
from service.db.types import SafeText
from service.domain.labelling import About
from service.domain.spot import SpotCheck, SpotDraw, SpotFrame, Spotted

_PARTS = (resources.files("service.db.repositories") / "spot.sql").read_text(encoding="utf-8")
_REPLIES, _TRIAGES, _REPLY, _TRIAGE, _FRAMES, _SPOTTED = map(text, _PARTS.split("-- next\n"))
_MADE = {About.REPLY: _REPLIES, About.TRIAGE: _TRIAGES}
_IDS = bindparam("ids", type_=ARRAY(SafeText))
_LOOK = {About.REPLY: _REPLY.bindparams(_IDS), About.TRIAGE: _TRIAGE.bindparams(_IDS)}


class SqlSpotChecks:
    """See `service.ports.spot.SpotChecks`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def made(
        self, community: str, about: About, since: datetime, until: datetime
    ) -> tuple[str, ...]:
        given = {"community": community, "since": since, "until": until}
        return tuple((await self._connection.execute(_MADE[about], given)).scalars())

    async def look(
        self, about: About, refs: Collection[str], drawn_at: datetime
    ) -> tuple[SpotCheck, ...]:
        given = {"ids": [ref.partition(":")[2] for ref in refs]}
        rows = (await self._connection.execute(_LOOK[about], given)).mappings()
        return tuple(to_model(SpotCheck, {**row, "drawn_at": drawn_at}) for row in rows)

    async def add(self, draw: SpotDraw, checks: Sequence[SpotCheck]) -> None:
        rows = [values_of(tables.spot_checks, one) for one in checks]
        await add_rows(self._connection, tables.spot_draws, [values_of(tables.spot_draws, draw)])
        if rows:
            new = insert(tables.spot_checks).values(rows).on_conflict_do_nothing()
            await self._connection.execute(new)

    async def draws(self, community: str, since: datetime) -> tuple[SpotDraw, ...]:
        d = tables.spot_draws
        query = select(d).where(d.c.community == community, d.c.since >= since)
        return await fetch_all(self._connection, SpotDraw, query.order_by(d.c.since, d.c.about))

    async def frames(self, community: str, since: datetime) -> tuple[SpotFrame, ...]:
        given = {"community": community, "since": since}
        rows = (await self._connection.execute(_FRAMES, given)).mappings()
        return tuple(to_model(SpotFrame, row) for row in rows)

    async def spotted(self, community: str, since: datetime) -> tuple[Spotted, ...]:
        given = {"community": community, "since": since}
        rows = (await self._connection.execute(_SPOTTED, given)).mappings()
        return tuple(to_model(Spotted, row) for row in rows)
