"""Does what the model writes survive, or does the template have to stand in for it."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import DraftAnswer, DraftExpect
from evals.model import HARNESS, Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored
from service.domain.draft import Origin

DISCARDED = ("failed_checks", "garbled", "template_changed")
"""Reasons of a template that the model or its prompt gave; any other is the provider's."""


@case_scorer("draft", "model_kept")
def model_kept(case: Answered) -> Iterator[Score]:
    """`model_kept`: the model's text stands. Without it a prompt nobody can use would pass as well
    as the templates that replace what it made. A provider that was away is no fault of the draft:
    the case is lost."""
    sample, _, answer = unpack(case, DraftExpect, DraftAnswer)
    because = answer.degraded_because
    if answer.origin is Origin.MODEL or because in DISCARDED:
        yield right(sample, "model_kept", answer.origin is Origin.MODEL)
    elif because in (None, "no_model"):
        yield unscored(sample, "model_kept", "no model was asked, or it refused")
    else:
        yield unscored(sample, "model_kept", f"{HARNESS}the model gave no answer ({because})")
