"""A suite that answers as told, and the application with its gate shut."""

from __future__ import annotations

import pytest

from service.bootstrap import Application
from service.domain.evaluation import Difference, EvaluationVerdict, Findings, Trial, WorseCase
from service.errors import SuiteFailed
from service.settings import GateSettings

FELL = Difference(baseline=0.9, candidate=0.71, low=-0.3, high=-0.1, n=40)
WORSE = WorseCase(task="draft", case="case-zh-1", metric="support", baseline=1, candidate=0)
OWN_WORSE = WORSE.model_copy(update={"case": "smp_1"})


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
        return Findings(
            verdict=verdict,
            reasons=("fail: draft bar support: 0.71",),
            figures={f"draft.support[{of}]": FELL for of in ("all", "lang:zh", "tag:late", "own")},
            regressions=(WORSE, OWN_WORSE),
            cases={"draft": 40},
        )


@pytest.fixture
def suite() -> ToldSuite:
    return ToldSuite()


@pytest.fixture
def gated(application: Application, suite: ToldSuite) -> Application:
    """The gate as an operator finds it."""
    settings = application.settings.model_copy(update={"gate": GateSettings()})
    for made in ("gate", "in_force"):
        vars(application).pop(made, None)
    vars(application).update(suite=suite, settings=settings)
    return application
