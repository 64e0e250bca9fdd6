"""What the drift alarms count and keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

from sqlalchemy import ARRAY, TextClause, bindparam, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import fetch_all, fetch_one, to_model, upsert, values_of
from service.db.types import SafeText, storable
from service.domain.drift import DAY, ORDERED, Cause, Counted, DriftAlarm, Measure, Shift

_A, _S = tables.drift_alarms.c, tables.drift_states.c


def _statement(sql: str) -> TextClause:
    lists = (name for name in ("staff", "keys") if f":{name}" in sql)
    return text(sql).bindparams(*(bindparam(name, type_=ARRAY(SafeText)) for name in lists))


_PARTS = (resources.files("service.db.repositories") / "drift.sql").read_text(encoding="utf-8")
_FACTS, *_ASKED = _PARTS.split("-- next\n")
_COUNTED, _EVIDENCE = (_statement(_FACTS + part) for part in _ASKED[:2])
_CHANGES = _statement(_ASKED[2])


class SqlDrift:
    """See `service.ports.drift.DriftStore`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def counted(self, community: str, until: datetime, blocks: int) -> tuple[Counted, ...]:
        given = await self._given(community, until - blocks * DAY, until)
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for measure, key, ago, voices in await self._connection.execute(_COUNTED, given):
            counts = found[measure][key] or [0] * blocks
            # The first moment of a block belongs to it, though it lies a whole day back.
            counts[blocks - 1 - min(ago, blocks - 1)] += voices
            found[measure][key] = counts
        return tuple(
            Counted(measure=Measure(name), until=until, counts=_frozen(its))
            for name, its in sorted(found.items())
        )

    async def evidence(self, community: str, shift: Shift, most: int) -> tuple[str, ...]:
        grown = [one.key for one in shift.moves if (one.after.value or 0) > (one.before.value or 0)]
        keys = grown or [one.key for one in shift.moves]
        given = await self._given(community, shift.since, shift.until)
        more = {"measure": shift.measure.value, "ordered": shift.measure in ORDERED, "most": most}
        asked = {"keys": keys, "upto": max(keys, default="")}
        found = await self._connection.execute(_EVIDENCE, given | more | asked)
        return tuple(found.scalars())

    async def changes(self, community: str, since: datetime, until: datetime) -> tuple[Cause, ...]:
        given = {"community": community, "since": since, "until": until}
        rows = (await self._connection.execute(_CHANGES, given)).mappings()
        return tuple(to_model(Cause, row) for row in rows)

    async def save_state(self, community: str, shifts: Sequence[Shift], at: datetime) -> None:
        shown = [one.model_dump(mode="json") for one in shifts]
        row = {"community": community, "at": at, "shifts": shown}
        await self._connection.execute(upsert(tables.drift_states), row)

    async def ran_at(self, community: str) -> datetime | None:
        query = select(_S.at).where(_S.community == community)
        found: datetime | None = await self._connection.scalar(query)
        return found

    async def alarms(self, community: str, since: datetime) -> tuple[DriftAlarm, ...]:
        recent = or_(_A.last_at >= since, _A.closed_at >= since)
        query = select(tables.drift_alarms).where(_A.community == community, recent)
        return await fetch_all(self._connection, DriftAlarm, query.order_by(_A.started_at, _A.id))

    async def alarm(self, alarm_id: str, *, lock: bool = False) -> DriftAlarm | None:
        where = _A.id == storable(alarm_id)
        return await fetch_one(self._connection, DriftAlarm, tables.drift_alarms, where, lock=lock)

    async def save_alarm(self, alarm: DriftAlarm) -> None:
        row = values_of(
            tables.drift_alarms,
            alarm,
            shift=alarm.shift.model_dump(mode="json"),
            causes=[one.model_dump(mode="json") for one in alarm.causes],
        )
        await self._connection.execute(upsert(tables.drift_alarms), row)

    async def _given(self, community: str, since: datetime, until: datetime) -> dict[str, Any]:
        staff = await self._connection.scalar(
            select(tables.communities.c.staff).where(tables.communities.c.id == community)
        )
        return {
            "community": community, "since": since, "until": until, "staff": list(staff or ()),
        }  # fmt: skip


def _frozen(counts: Mapping[str, Sequence[int]]) -> Mapping[str, tuple[int, ...]]:
    return {key: tuple(found) for key, found in counts.items()}
