"""Cases of support: apart from those the heads are fitted on, and scored by what is at stake."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from evals.cases import Sample, SupportAnswer, SupportExpect, SupportPassage
from evals.datasets import load
from evals.production import NOW
from evals.registry import Answered, registry
from evals.scorers.support import KINDS, claims
from evals.support_bar import Told, fit_bar
from evals.support_fit import DEV, Case, fit
from service.domain.base import Lang
from service.domain.support import Conflict, SentenceSupport, SupportKind, SupportLedger
from service.drafting.support.bar import Cover
from service.drafting.support.features import NAMES
from service.drafting.support.head import shipped


def _clauses(samples: tuple[Sample, ...]) -> set[str]:
    return {
        passage.text
        for sample in samples
        if isinstance(sample.expect, SupportExpect) and sample.expect.state != "courtesy"
        for passage in sample.expect.passages
        if not passage.beside
    }


def test_held_cases_share_nothing_with_those_fitted_on() -> None:
    held, dev = load("support").samples, load("support", DEV).samples
    assert not _clauses(held) & _clauses(dev)
    assert not {sample.text for sample in held} & {sample.text for sample in dev}


def test_every_way_to_be_wrong_is_there_in_both_languages() -> None:
    seen = Counter((tag, s.lang) for s in load("support").samples for tag in s.tags)
    for kind in KINDS[:-1]:
        for lang in Lang:
            assert seen[kind, lang] >= 2, (kind, lang)
    assert seen["crossed", Lang.ZH] >= 20
    assert seen["crossed", Lang.EN] >= 20


@pytest.mark.parametrize(
    ("state", "kind", "expected"),
    [
        ("unsupported", SupportKind.UNSUPPORTED, {"blocked": 1, "looked_at": 1, "precision": 1}),
        ("unsupported", SupportKind.UNCERTAIN, {"blocked": 0, "looked_at": 1}),
        ("unsupported", SupportKind.COURTESY, {"blocked": 0, "looked_at": 0}),
        ("supported", SupportKind.UNCERTAIN, {"unblocked": 1, "free": 0}),
        ("supported", SupportKind.UNSUPPORTED, {"unblocked": 0, "precision": 0, "free": 0}),
        ("courtesy", SupportKind.UNSUPPORTED, {"courtesy": 0, "precision": 0}),
    ],
)
def test_scores(state: str, kind: SupportKind, expected: dict[str, float]) -> None:
    expect = SupportExpect.model_validate(
        {"passages": [SupportPassage(lang=Lang.ZH, text="不收费。")], "state": state}
    )
    sample = Sample(id="s", lang=Lang.ZH, text="收费。", tags=(), expect=expect)
    answer = SupportAnswer(kind=kind, score=0.5, conflict=Conflict.NONE)
    scores = {s.metric: s.value for s in claims(Answered(sample, answer)) if s.value is not None}
    assert scores == expected


def test_the_bar_is_as_strict_as_nearly_all_that_is_right_allows() -> None:
    right = [Told(0.95, Cover(0.9, 0.9), True)] * 20
    wrong = [Told(0.95, Cover(0.9, 0.35), False), Told(0.8, Cover(0.9, 0.9), False)]
    bar = fit_bar([*right, *wrong], shipped())
    assert (bar.chance, bar.words, bar.part) == (0.9, 0.8, 0.8)
    assert fit_bar(wrong, shipped()).chance > 0.8


def test_the_head_learns_what_tells_them_apart_and_keeps_a_band() -> None:
    noise = np.random.default_rng(7)
    given = []
    for number in range(200):
        rows = noise.normal(size=(1, len(NAMES))).astype(np.float32)
        rows[0, 0] += number % 2 * 2
        given.append(Case(rows, bool(number % 2), "zh", f"clause {number % 20}"))
    head = fit(given, "model")
    assert head.weights["near"] > 1
    assert max(abs(head.weights[name]) for name in NAMES[1:]) < head.weights["near"] / 2
    assert 0 < head.unsupported < head.supported < 1


class _Drafter:
    """Measures nothing and notes whom it was to ask."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def support(self, context: object, composition: object, chat: object) -> SupportLedger:
        self.asked.append(chat)
        one = SentenceSupport(start=0, end=1, kind=SupportKind.UNCERTAIN)
        return SupportLedger(sentences=(one,), engine="stub")


@pytest.mark.parametrize("chat", [None, SimpleNamespace(name="m")])
async def test_claims_are_read_by_the_model_that_reads_drafts(chat: object) -> None:
    drafter = _Drafter()
    community = SimpleNamespace(id="c")
    engines = SimpleNamespace(drafter=drafter, chat=chat, community=community, now=lambda: NOW)
    task = registry().tasks["support"](engines)  # type: ignore[arg-type]
    (answer,) = await task.answer(load("support").samples[:1])
    assert (answer.task, drafter.asked) == ("support", [chat])
    assert task.versions().get("verifier") == (chat and "m")
