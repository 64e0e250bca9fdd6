"""Does what the model writes survive, or does the template have to stand in for it."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import Answer, DraftAnswer, DraftExpect
from evals.model import HARNESS, Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored
from service.domain.draft import Origin

DISCARDED = ("failed_checks", "garbled", "template_changed")
"""Reasons of a template that the model or its prompt gave; any other is the provider's."""

NO_MODEL = "no_model"
"""Reason of a template where no model is configured."""


@case_scorer("draft", "model_kept")
def model_kept(case: Answered) -> Iterator[Score]:
    """`model_kept`: the model's text stands. Without it a prompt nobody can use would pass as well
    as the templates that replace what it made. A provider that was away is no fault of the draft:
    the case is lost."""
    sample, _, answer = unpack(case, DraftExpect, DraftAnswer)
    if answer.origin is Origin.MODEL or answer.degraded_because in DISCARDED:
        yield right(sample, "model_kept", answer.origin is Origin.MODEL)
    elif because := away(answer):
        yield unscored(sample, "model_kept", f"{HARNESS}the model gave no answer ({because})")
    else:
        yield unscored(sample, "model_kept", "no model was asked, or it refused")


def away(answer: Answer | None) -> str | None:
    """Why a template had to stand in for a model that was asked and gave nothing; None where the
    text is the model's, its refusal, or a template's by choice."""
    origin = getattr(answer, "origin", Origin.MODEL)
    because: str | None = getattr(answer, "degraded_because", None)
    if origin is Origin.MODEL or because in (None, NO_MODEL, *DISCARDED):
        return None
    return because
