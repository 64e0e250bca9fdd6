"""What watches over what the service does."""

from __future__ import annotations

from functools import cached_property

from service.bootstrap.knowledge import KnowledgeFlows
from service.flows.drift import DriftFlow
from service.flows.spot import SpotFlow, SpotRules


class WatchFlows(KnowledgeFlows):
    """Guards of the running service."""

    @cached_property
    def drift(self) -> DriftFlow:
        """Which shares moved."""
        return DriftFlow(uow=self.uow, clock=self.clock, ids=self.ids)

    @cached_property
    def spot(self) -> SpotFlow:
        """What is drawn for people to judge."""
        quality = self.settings.quality
        rules = SpotRules(quality.spot_share, quality.spot_per_day)
        return SpotFlow(uow=self.uow, rules=rules, clock=self.clock, ids=self.ids)
