"""The gate before production, and the comparisons that open it."""

from __future__ import annotations

from functools import cached_property

from service.bootstrap.adapters import Adapters
from service.domain.evaluation import SubjectKind
from service.flows.evaluations import EvaluationsFlow
from service.flows.gate import GateFlow
from service.flows.in_force import InForceFlow
from service.flows.preview import PreviewFlow
from service.ports.evaluations import GatePolicies


class GateFlows(Adapters):
    """What stands before production."""

    @cached_property
    def gate(self) -> GateFlow:
        """What a change needs before it goes into production."""
        return GateFlow(
            policies=self._gate_policies,
            redactor=self.redactor,
            clock=self.clock,
            ids=self.ids,
        )

    @property
    def _gate_policies(self) -> GatePolicies:
        return {kind: getattr(self.settings.gate, kind) for kind in SubjectKind}

    @cached_property
    def in_force(self) -> InForceFlow:
        """Which taxonomy and which limits are in force."""
        return InForceFlow(
            uow=self.uow,
            gate=self.gate,
            policies=self._gate_policies,
            source=self.part_files,
        )

    @cached_property
    def evaluations(self) -> EvaluationsFlow:
        """Changes are compared with production."""
        return EvaluationsFlow(uow=self.uow, suite=self.suite, clock=self.clock, ids=self.ids)

    @cached_property
    def previews(self) -> PreviewFlow:
        """What a change would make of stored cases, before it goes live."""
        return PreviewFlow(
            uow=self.uow,
            queries=self.queries,
            bench=self.bench,
            chat=self.chat,
            labeller=self.labeller,
            clock=self.clock,
            ids=self.ids,
        )
