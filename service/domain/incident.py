"""Incidents: what people do about alerts. open -> acknowledged -> closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from service.domain.alert import Alert
from service.domain.base import Frozen, Instant
from service.errors import IllegalTransition

JOIN_WITHIN = timedelta(hours=6)
"""A new alert joins the community's open incident while that was heard of within this time."""


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class EntryKind(StrEnum):
    """What a line of the timeline tells."""

    OPENED = "opened"
    ALERT = "alert"
    RAISED = "raised"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    NOTE = "note"
    HOLDING = "holding"
    CLOSED = "closed"


class IncidentEntry(Frozen):
    """One line of the timeline; appended, never changed. `actor` is "radar" for the machine,
    `ref` an alert, notice or post request; `note` is a person's own words."""

    id: str
    incident_id: str
    at: Instant
    kind: EntryKind
    actor: str
    level: int = Field(ge=1, le=4)
    ref: str = ""
    note: str = Field("", max_length=2000)


class Incident(Frozen):
    """Alerts of one community that belong together. `level` is the highest of them."""

    id: str
    community: str
    status: IncidentStatus = IncidentStatus.OPEN
    level: int = Field(ge=1, le=4)
    opened_at: Instant
    last_at: Instant
    acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    closed_at: Instant | None = None
    closed_by: str | None = None

    def takes(self, now: datetime) -> bool:
        """Whether a new alert joins this one."""
        return self.status is not IncidentStatus.CLOSED and now - self.last_at <= JOIN_WITHIN

    def heard(self, alert: Alert) -> Incident:
        """The incident after news of one of its alerts."""
        level = max(self.level, alert.level)
        return self.model_copy(update={"level": level, "last_at": max(self.last_at, alert.last_at)})

    def acknowledge(self, by: str, now: datetime) -> Incident:
        """Somebody looks after it.

        Raises:
            IllegalTransition: it is not open any more.
        """
        if self.status is not IncidentStatus.OPEN:
            raise IllegalTransition(f"The incident is {self.status.value} already.")
        return self.model_copy(
            update={
                "status": IncidentStatus.ACKNOWLEDGED,
                "acknowledged_at": now,
                "acknowledged_by": by,
            }
        )

    def close(self, by: str, now: datetime) -> Incident:
        """It is over.

        Raises:
            IllegalTransition: nobody acknowledged it, or it is closed already.
        """
        if self.status is not IncidentStatus.ACKNOWLEDGED:
            raise IllegalTransition(
                "The incident is closed already."
                if self.status is IncidentStatus.CLOSED
                else "Acknowledge the incident before closing it."
            )
        return self.model_copy(
            update={"status": IncidentStatus.CLOSED, "closed_at": now, "closed_by": by}
        )
