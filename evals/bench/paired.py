"""Chinese beside English: our own cases that tell the same in both, judged by the triage engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evals.bench.classifiers import Classifier, Fold, plain, words
from evals.cases import Sample, TriageExpect
from evals.confidence import Confidences, Rights, calibration_error, reliability
from evals.datasets import load
from evals.production import ProductionEngines
from evals.tasks.triage import TriageTask
from service.domain.base import Lang
from service.triage.taxonomy import labelled_examples, load_taxonomy

NAMES = tuple(f"paired.{key}" for key in ("guess_zh", "guess_en", "gap", "ece_zh", "ece_en"))

PEERS = {".words": words, ".plain": plain}


class _Guessed(NamedTuple):
    """Confidence in the best guess of each case, and whether it was right."""

    confidence: Confidences
    right: Rights


def paired(engines: ProductionEngines, data: Path | None) -> dict[str, float]:
    """Share of right best guesses in each language, how far they are apart, and calibration error;
    the peers learn the taxonomy's examples. No folder is needed."""
    del data
    samples = [s for s in load("triage").samples if s.pair and _categories(s)]
    guessed = {"": _ours(engines, samples)}
    guessed |= {ending: _peer(engines, judge, samples) for ending, judge in PEERS.items()}
    chinese = np.array([sample.lang is Lang.ZH for sample in samples])
    return {
        f"paired.{key}{ending}": value
        for ending, one in guessed.items()
        for key, value in _figures(one, chinese)
    }


def _categories(sample: Sample) -> Sequence[str]:
    return sample.expect.categories if isinstance(sample.expect, TriageExpect) else ()


def _ours(engines: ProductionEngines, samples: Sequence[Sample]) -> _Guessed:
    """An answer without a best guess is a wrong one."""
    answers = asyncio.run(TriageTask(engines).answer(samples))
    best = [answer.best for answer in answers]
    right = [
        label is not None and label.category in _categories(sample)
        for label, sample in zip(best, samples, strict=True)
    ]
    confidence = [label.sure if label else 0.0 for label in best]
    return _Guessed(np.array(confidence), np.array(right))


def _peer(engines: ProductionEngines, judge: Classifier, samples: Sequence[Sample]) -> _Guessed:
    examples = labelled_examples(load_taxonomy())
    learnt = [example.text for example in examples], [example.category for example in examples]
    judged = judge(engines, Fold(*learnt, [sample.text for sample in samples]))
    pairs = zip(judged.likeliest, samples, strict=True)
    right = [label in _categories(sample) for label, sample in pairs]
    return _Guessed(judged.confidence, np.array(right))


def _figures(guessed: _Guessed, chinese: Rights) -> Iterator[tuple[str, float]]:
    right = {"zh": guessed.right[chinese], "en": guessed.right[~chinese]}
    sure = {"zh": guessed.confidence[chinese], "en": guessed.confidence[~chinese]}
    for lang in ("zh", "en"):
        yield f"guess_{lang}", float(right[lang].mean())
        yield f"ece_{lang}", calibration_error(reliability(sure[lang], right[lang])) or 0.0
    yield "gap", float(abs(right["zh"].mean() - right["en"].mean()))
