"""Events are written down, so that they can be measured and compared."""

from __future__ import annotations

from service.domain.event import Event, EventDetails
from service.errors import NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.store import UowFactory


class EventsFlow:
    """Keeps the list of events."""

    def __init__(self, *, uow: UowFactory, redactor: Redactor, clock: Clock, ids: Ids) -> None:
        self._uow, self._redactor, self._clock, self._ids = uow, redactor, clock, ids

    async def add(self, community: str, details: EventDetails, *, by: str) -> Event:
        """Write an event down.

        Raises:
            NotFound: there is no such community.
        """
        event = Event(
            id=self._ids.new("event"),
            community=community,
            details=self._clean(details),
            start=details.start,
            created_by=by,
            created_at=self._clock.now(),
        )
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound(f"There is no community {community!r}.")
            await uow.events.add(event)
            await uow.commit()
        return event

    async def change(self, event_id: str, details: EventDetails, *, by: str) -> Event:
        """Say anew what is known of an event; again with the same changes nothing.

        Raises:
            NotFound: there is no such event.
        """
        details = self._clean(details)
        async with self._uow() as uow:
            event = await uow.events.get(event_id, lock=True)
            if event is None:
                raise NotFound("There is no such event.")
            if event.details == details:
                return event
            changed = event.model_copy(
                update={
                    "details": details,
                    "start": details.start,
                    "changed_by": by,
                    "changed_at": self._clock.now(),
                }
            )
            await uow.events.save(changed)
            await uow.commit()
        return changed

    def _clean(self, details: EventDetails) -> EventDetails:
        """Names are shown in posts: no personal data in them."""
        return details.model_copy(update={"name": self._redactor.redact(details.name).text})
