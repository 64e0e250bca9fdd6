"""What a model wrote must stand; a provider that was away is not the draft's fault."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from evals.cases import DraftAnswer, DraftExpect, Sample
from evals.gate import gate
from evals.model import EvalRun
from evals.registry import Registry
from evals.thresholds import TaskBars, Thresholds
from service.domain.base import Lang
from service.domain.draft import Origin

BARS = Thresholds(tasks={"draft": TaskBars(written=("model_kept",))})
CASES = 20


def _answer(because: str | None, origin: Origin = Origin.TEMPLATE) -> DraftAnswer:
    return DraftAnswer(
        text="你好，请看条款。",
        cited=(),
        context=(),
        origin=origin,
        degraded_because=because,
        lang=Lang.ZH,
        member_pii=(),
        findings=(),
    )


MODEL = _answer(None, Origin.MODEL)


@pytest.fixture
def run(helpers: SimpleNamespace) -> SimpleNamespace:
    """Makes runs of drafts; a model was asked unless told otherwise."""
    samples = [
        Sample(id=f"d{n}", lang=Lang.ZH, text="？", expect=DraftExpect(must_not_say=("x",)))
        for n in range(CASES)
    ]

    def make(*answers: DraftAnswer, asked: int = CASES) -> EvalRun:
        given = [answers[n % len(answers)] for n in range(CASES)]
        made: EvalRun = helpers.run(samples, given)
        return made.model_copy(update={"asked": asked})

    return SimpleNamespace(make=make)


def _states(baseline: EvalRun, candidate: EvalRun, found: Registry) -> dict[str, str]:
    checks = gate([candidate], {"draft": baseline}, BARS, found).checks
    return {f"{check.kind} {check.name}": check.state for check in checks}


def test_texts_that_are_discarded_count_against_the_prompt(
    run: SimpleNamespace, found: Registry
) -> None:
    kept, half = run.make(MODEL), run.make(MODEL, _answer("failed_checks"))
    figure = half.figure("model_kept")
    assert figure is not None
    assert figure.value == 0.5
    assert _states(kept, half, found)["regression model_kept (all)"] == "fail"
    dropped = run.make(_answer("citation_dropped", Origin.MODEL)).figure("model_kept")
    assert dropped is not None
    assert dropped.value == 1, "the text stands"


def test_a_provider_that_was_away_loses_the_case(run: SimpleNamespace, found: Registry) -> None:
    kept, away = run.make(MODEL), run.make(MODEL, _answer("timeout"))
    states = _states(kept, away, found)
    assert states["regression model_kept (all)"] == "pass"
    assert states["completeness harness"] == "inconclusive"


def test_without_a_model_nothing_is_asked_of_it(run: SimpleNamespace, found: Registry) -> None:
    templates = run.make(_answer("no_model"), _answer(None), asked=0)
    figure = templates.figure("model_kept")
    assert figure is not None
    assert (figure.value, figure.n) == (None, 0)
    states = _states(templates, templates, found)
    assert states == {"completeness harness": "pass"}
