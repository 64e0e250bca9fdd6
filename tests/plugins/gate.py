"""A suite that answers as told, and the application with its gate shut."""

from __future__ import annotations

import pytest

from service.bootstrap import Application
from service.domain.evaluation import EvaluationVerdict, Findings, Trial
from service.errors import SuiteFailed
from service.flows.gate import GateFlow


class ToldSuite:
    """Gives the verdicts it was told, one a comparison; None: it cannot be carried out."""

    def __init__(self) -> None:
        self.asked: list[Trial] = []
        self.verdicts: list[EvaluationVerdict | None] = []

    async def compare(self, trial: Trial) -> Findings:
        self.asked.append(trial)
        verdict = self.verdicts.pop(0)
        if verdict is None:
            raise SuiteFailed("The comparison ended with signal 9; try again.")
        return Findings(verdict=verdict, reasons=("fail: draft bar support: 0.71",))


@pytest.fixture
def suite() -> ToldSuite:
    return ToldSuite()


@pytest.fixture
def gated(application: Application, suite: ToldSuite) -> Application:
    """The gate as an operator finds it."""
    policies = {
        "prompt": "required",
        "bank": "required",
        "taxonomy": "required",
        "thresholds": "required",
        "rules": "advised",
    }
    gate = GateFlow(
        policies=policies,
        redactor=application.redactor,
        clock=application.clock,
        ids=application.ids,
    )
    vars(application).update(suite=suite, gate=gate)
    return application
