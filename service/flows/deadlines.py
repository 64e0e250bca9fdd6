"""Deadlines are watched: what is late, or nearly, is recorded and told once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from service.domain.case import REPLY_WINDOW
from service.domain.deadline import NEAR, Breach, BreachKind
from service.domain.notice import late_notice
from service.flows.notices import post_notice
from service.ports.clock import Clock, Ids
from service.ports.routing import LateCase
from service.ports.store import UnitOfWork, UowFactory

CHUNK = 500
MOST_CHUNKS = 20
"""Chunks of one sweep; what is left waits for the next."""


class DeadlinesFlow:
    """Records breaches as facts and tells each community of its own, in one notice a chunk."""

    def __init__(self, *, uow: UowFactory, clock: Clock, ids: Ids) -> None:
        self._uow, self._clock, self._ids = uow, clock, ids

    async def sweep(self) -> tuple[Breach, ...]:
        """Record what became late or nearly late since the last sweep; those records.

        Deadlines that passed longer ago than replies are drafted for belong to an imported
        archive: their clock stops without a record.
        """
        found: list[Breach] = []
        for _ in range(MOST_CHUNKS):
            fresh, more = await self._chunk()
            found += fresh
            if not more:
                break
        return tuple(found)

    async def _chunk(self) -> tuple[tuple[Breach, ...], bool]:
        now = self._clock.now()
        async with self._uow() as uow:
            settled = await uow.deadlines.settle(now, CHUNK)
            late = await uow.deadlines.late(now, now + NEAR, CHUNK)
            oldest = now - REPLY_WINDOW
            recent = [self._breach(one) for one in late if one.due_at >= oldest]
            fresh = await uow.deadlines.record(recent)
            await self._tell(uow, fresh)
            await uow.deadlines.close([one.case_id for one in late if one.due_at < oldest])
            await uow.commit()
        return fresh, CHUNK in (settled, len(late))

    async def _tell(self, uow: UnitOfWork, fresh: Sequence[Breach]) -> None:
        for community_id, late in groupby(sorted(fresh, key=_community), key=_community):
            community = await uow.communities.get(community_id)
            notice = late_notice(
                self._ids.new("notice"),
                community_id,
                tuple(late),
                to_send=bool(community and community.alert_url),
                now=self._clock.now(),
            )
            await post_notice(uow, notice)

    def _breach(self, late: LateCase) -> Breach:
        now = self._clock.now()
        return Breach(
            id=self._ids.new("brc"),
            kind=BreachKind.BREACHED if late.due_at <= now else BreachKind.NEAR,
            at=now,
            **late._asdict(),
        )


def _community(breach: Breach) -> str:
    return breach.community
