"""Stand-in engines and ready-made runs: the harness is tested without any model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from evals.cases import Answer, Sample, TriageAnswer, TriageExpect
from evals.model import EvalRun, Manifest, Output
from evals.registry import Registry, registry
from evals.score import score_run
from service.domain.base import Lang
from service.domain.triage import Label, Sentiment

AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)

MakeRun = Callable[[Mapping[str, Answer]], EvalRun]


def triage_sample(number: int, *, category: str = "praise", text: str = "谢谢") -> Sample:
    """A golden case; even numbers are Chinese, odd ones English."""
    return Sample(
        id=f"case-{number}",
        lang=Lang.EN if number % 2 else Lang.ZH,
        text=text,
        expect=TriageExpect(categories=(category,), sentiment=Sentiment.POSITIVE),
    )


def triage_answer(category: str | None, *, confidence: float = 0.9, severity: int = 0) -> Answer:
    """What an engine says: a label, or an abstention with a best guess."""
    guess = Label(category=category or "chat", confidence=confidence)
    return TriageAnswer(
        labels=(guess,) if category else (),
        candidates=(guess,),
        abstained=category is None,
        sentiment=Sentiment.POSITIVE,
        severity=severity,
        reply_due=False,
    )


def manifest(samples: Sequence[Sample], run_id: str = "run") -> Manifest:
    """What made a stand-in run."""
    return Manifest(
        id=run_id,
        task=samples[0].task,
        started_at=AT,
        seed=3,
        git_revision=None,
        git_dirty=None,
        dataset="made.jsonl",
        dataset_hash="0",
        sample_ids=tuple(sample.id for sample in samples),
        settings={},
        versions={"writer": "rule-grounded template"},
    )


def make_run(samples: Sequence[Sample], answers: Sequence[Answer], run_id: str = "run") -> EvalRun:
    """A scored run."""
    outputs = tuple(
        Output(sample_id=sample.id, answer=answer)
        for sample, answer in zip(samples, answers, strict=True)
    )
    run = EvalRun(manifest=manifest(samples, run_id), samples=tuple(samples), outputs=outputs)
    return score_run(run, registry())


@pytest.fixture(scope="session")
def found() -> Registry:
    return registry()


@pytest.fixture
def helpers() -> SimpleNamespace:
    """The makers above, for tests in other folders."""
    return SimpleNamespace(
        sample=triage_sample, answer=triage_answer, run=make_run, manifest=manifest
    )


@pytest.fixture
def good_run() -> EvalRun:
    """Forty cases, all right."""
    samples = [triage_sample(number) for number in range(40)]
    return make_run(samples, [triage_answer("praise")] * 40, "good")


@pytest.fixture
def worse_run() -> EvalRun:
    """The same cases, a third of them wrong."""
    samples = [triage_sample(number) for number in range(40)]
    answers = [triage_answer("complaint" if n % 3 == 0 else "praise") for n in range(40)]
    return make_run(samples, cast("list[Answer]", answers), "worse")
