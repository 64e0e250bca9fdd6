"""What watches over what the service does."""

from __future__ import annotations

from functools import cached_property

from service.bootstrap.knowledge import KnowledgeFlows
from service.flows.drift import DriftFlow


class WatchFlows(KnowledgeFlows):
    """Guards of the running service."""

    @cached_property
    def drift(self) -> DriftFlow:
        """Which shares moved."""
        return DriftFlow(uow=self.uow, clock=self.clock, ids=self.ids)
