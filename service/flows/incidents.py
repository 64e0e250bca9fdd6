"""People work on incidents: acknowledge, note, close."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.alert import Alert
from service.domain.incident import EntryKind, Incident, IncidentEntry
from service.errors import NotFound
from service.ports.clock import Clock, Ids
from service.ports.store import UnitOfWork, UowFactory

MAX_NOTE = 2_000
"""Characters of a note; the rest is cut."""


class IncidentRoom(NamedTuple):
    """An incident with everything that belongs to it, oldest first."""

    incident: Incident
    alerts: tuple[Alert, ...]
    entries: tuple[IncidentEntry, ...]


class IncidentsFlow:
    """What a person does with an incident; every step leaves a line in the timeline."""

    def __init__(self, *, uow: UowFactory, clock: Clock, ids: Ids) -> None:
        self._uow, self._clock, self._ids = uow, clock, ids

    async def room(self, incident_id: str) -> IncidentRoom:
        """The incident, its alerts and timeline.

        Raises:
            NotFound: there is none.
        """
        async with self._uow() as uow:
            return IncidentRoom(
                incident=await self._find(uow, incident_id, lock=False),
                alerts=await uow.radar.alerts_of(incident_id),
                entries=await uow.radar.entries(incident_id),
            )

    async def acknowledge(self, incident_id: str, by: str, note: str = "") -> Incident:
        """Somebody looks after it; by the same person again changes nothing.

        Raises:
            NotFound: there is none.
            IllegalTransition: somebody else did, or it is closed.
        """
        async with self._uow() as uow:
            incident = await self._find(uow, incident_id)
            if incident.acknowledged_by == by and incident.closed_at is None:
                return incident
            after = incident.acknowledge(by, self._clock.now())
            await self._save(uow, after, EntryKind.ACKNOWLEDGED, by, note)
        return after

    async def close(self, incident_id: str, by: str, note: str = "") -> Incident:
        """It is over; by the same person again changes nothing.

        Raises:
            NotFound: there is none.
            IllegalTransition: nobody acknowledged it, or somebody else closed it.
        """
        async with self._uow() as uow:
            incident = await self._find(uow, incident_id)
            if incident.closed_by == by:
                return incident
            after = incident.close(by, self._clock.now())
            await self._save(uow, after, EntryKind.CLOSED, by, note)
        return after

    async def tell(
        self, incident_id: str, by: str, kind: EntryKind, *, note: str = "", ref: str = ""
    ) -> Incident:
        """Append a line; the status stays.

        Raises:
            NotFound: there is none.
        """
        async with self._uow() as uow:
            incident = await self._find(uow, incident_id)
            await self._save(uow, incident, kind, by, note, ref)
        return incident

    async def _find(self, uow: UnitOfWork, incident_id: str, *, lock: bool = True) -> Incident:
        incident = await uow.radar.incident(incident_id, lock=lock)
        if incident is None:
            raise NotFound("There is no such incident.")
        return incident

    async def _save(
        self, uow: UnitOfWork, incident: Incident, kind: EntryKind, by: str, note: str,
        ref: str = "",
    ) -> None:  # fmt: skip
        await uow.radar.save_incident(incident)
        await uow.radar.add_entry(
            IncidentEntry(
                id=self._ids.new("entry"),
                incident_id=incident.id,
                at=self._clock.now(),
                kind=kind,
                actor=by,
                level=incident.level,
                ref=ref,
                note=note[:MAX_NOTE],
            )
        )
        await uow.commit()
