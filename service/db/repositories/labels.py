"""Texts to be judged and labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_one, to_model, values_of
from service.db.types import storable
from service.domain.base import Lang
from service.domain.labelling import Judged, Label, LabelItem, Progress, Rater
from service.ports.labelling import DecidedDraft, ToJudge

_I = tables.label_items.c
_PARTS = (Path(__file__).parent / "labels.sql").read_text(encoding="utf-8").split("-- next\n")
_CLAIM, _DECIDED, _STANDING, _LAST, _JUDGED, _PROGRESS, _TO_JUDGE = (text(part) for part in _PARTS)


class SqlLabels:
    """See `service.ports.labelling.Labels`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_items(self, items: Sequence[LabelItem]) -> int:
        added = 0
        for one in items:
            material = one.material and one.material.model_dump(mode="json")
            row = values_of(tables.label_items, one, material=material)
            new = insert(tables.label_items).values(row).on_conflict_do_nothing().returning(_I.id)
            added += await self._connection.scalar(new) is not None
        return added

    async def decided_drafts(
        self, community: str, rubric: str, limit: int
    ) -> tuple[DecidedDraft, ...]:
        given = {"community": community, "rubric": rubric, "limit": limit}
        rows = (await self._connection.execute(_DECIDED, given)).all()
        return tuple(DecidedDraft(row.id, Lang(row.lang)) for row in rows)

    async def get(self, item_id: str, *, lock: bool = False) -> LabelItem | None:
        where = _I.id == storable(item_id)
        return await fetch_one(self._connection, LabelItem, tables.label_items, where, lock=lock)

    async def claim(
        self, community: str, rubric: str, by: str, now: datetime, until: datetime
    ) -> LabelItem | None:
        given = {"community": community, "rubric": rubric, "by": by, "now": now, "until": until}
        item_id = await self._connection.scalar(_CLAIM, given)
        return None if item_id is None else await self.get(item_id)

    async def hold(self, item_id: str, by: str | None, until: datetime | None) -> None:
        held = update(tables.label_items).where(_I.id == item_id)
        await self._connection.execute(held.values(claimed_by=by, claimed_until=until))

    async def holder(self, item_id: str, now: datetime) -> str | None:
        query = select(_I.claimed_by).where(_I.id == item_id, _I.claimed_until > now)
        held: str | None = await self._connection.scalar(query)
        return held

    async def add(self, label: Label) -> None:
        await add_rows(self._connection, tables.labels, [values_of(tables.labels, label)])

    async def standing(self, item_id: str, rater: Rater, by: str) -> Label | None:
        given = {"item": item_id, "rater": rater.value, "by": by}
        row = (await self._connection.execute(_STANDING, given)).mappings().first()
        return None if row is None else to_model(Label, row)

    async def last_by(self, community: str, rubric: str, by: str) -> Label | None:
        given = {"community": community, "rubric": rubric, "by": by}
        row = (await self._connection.execute(_LAST, given)).mappings().first()
        return None if row is None else to_model(Label, row)

    async def judged(self, community: str | None, rubrics: Collection[str]) -> tuple[Judged, ...]:
        given = {"community": community, "rubrics": sorted(rubrics)}
        rows = (await self._connection.execute(_JUDGED, given)).mappings()
        return tuple(to_model(Judged, row) for row in rows)

    async def to_judge(
        self, community: str, rubric: str, lang: Lang, judge: str, limit: int, *, of: ToJudge
    ) -> tuple[LabelItem, ...]:
        given = {"community": community, "rubric": rubric, "lang": lang.value}
        every = of is not ToJudge.JUDGED
        more = {"by": judge, "limit": limit, "everything": every, "drawn": of is ToJudge.DRAWN}
        found = await self._connection.execute(_TO_JUDGE, given | more)
        return tuple(to_model(LabelItem, row) for row in found.mappings())

    async def progress(self, community: str, by: str) -> tuple[Progress, ...]:
        given = {"community": community, "by": by}
        rows = (await self._connection.execute(_PROGRESS, given)).mappings()
        return tuple(to_model(Progress, row) for row in rows)
