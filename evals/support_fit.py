"""Fits how sure a claim's support is: `python -m evals.support_fit CACHE`.

CACHE holds the materialised models. Cases are those of `datasets/support_dev.jsonl`, each beside
two clauses of other rules. Figures printed, and thresholds, are of cases whose clause the model
has not seen (ten folds).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from evals.cases import Sample, SupportExpect
from evals.datasets import FOLDER, load
from evals.support_courtesy import fit_courtesy
from retrieval.config import EmbedderConfig
from retrieval.embedders.factory import build_embedder
from service.drafting import support
from service.drafting.build import build_support
from service.drafting.support.claims import HEAD
from service.drafting.support.features import NAMES
from service.drafting.support.ground import Source, source
from service.drafting.support.head import FILE, Head, shipped
from service.drafting.support.meaning import stamp
from service.drafting.support.reading import claim_of
from service.drafting.support.scorer import SupportScorer

DEV = FOLDER / "support_dev.jsonl"
BESIDE = "beside"

PASSED = 0.05
"""Share of unsupported claims that may count as supported."""

BLOCKED = 0.06
"""Share of supported claims that may count as unsupported."""

_FOLDS = 10
_STRENGTH = 1.0

Rows = NDArray[np.float32]


class Case(NamedTuple):
    """A claim's features beside its nearest sources, the one to learn from first."""

    rows: Rows
    supported: bool
    lang: str
    group: str


def sources(expect: SupportExpect) -> tuple[Source, ...]:
    """The clauses of a case as the engine holds them."""
    return tuple(
        source(f"{BESIDE if one.beside else 'clause'}#{n}", one.lang.value, "", one.text)
        for n, one in enumerate(expect.passages)
    )


def cases(samples: Sequence[Sample], scorer: SupportScorer) -> list[Case]:
    """Every golden case that is a claim."""
    return [case for sample in samples if (case := _case(sample, scorer)) is not None]


def _case(sample: Sample, scorer: SupportScorer) -> Case | None:
    expect, claim = sample.expect, claim_of(sample.text)
    if not isinstance(expect, SupportExpect) or expect.state == "courtesy" or claim is None:
        return None
    (compared,) = scorer.compared([claim], sources(expect))
    supported = expect.state == "supported"
    # a claim is learnt beside the clause that says it, an invention beside whatever comes nearest
    ordered = sorted(compared.beside, key=lambda one: supported and one.source.startswith(BESIDE))
    rows = np.stack([one.found for one in ordered])
    return Case(rows, supported, sample.lang.value, expect.passages[0].text)


def fit(given: Sequence[Case], embedder: str) -> Head:
    """The head over all cases, with thresholds from cases not seen."""
    unseen, truth = held_out(given), np.array([case.supported for case in given])
    model = _fitted(given)
    scaler, line = model[0], model[1]
    weights = line.coef_[0] / scaler.scale_
    intercept = float(line.intercept_[0] - weights @ scaler.mean_)
    return Head(
        version="1",
        embedder=embedder,
        intercept=round(intercept, 4),
        weights={name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)},
        supported=round(float(np.quantile(unseen[~truth], 1 - PASSED)), 3),
        unsupported=round(float(np.quantile(unseen[truth], BLOCKED)), 3),
        bar=shipped().bar,  # fitted after it, by `python -m evals.support_bar`
    )


def held_out(given: Sequence[Case]) -> NDArray[np.float64]:
    """The chance of each case by a model that has not seen its clause, shape (cases,)."""
    chances = np.zeros(len(given))
    groups = [case.group for case in given]
    for seen, unseen in GroupKFold(_FOLDS).split(groups, groups=groups):
        model = _fitted([given[i] for i in seen])
        for i in unseen:
            chances[i] = model.predict_proba(given[i].rows)[:, 1].max()
    return chances


def _fitted(given: Sequence[Case]) -> Pipeline:
    rows = np.stack([case.rows[0] for case in given])
    line = LogisticRegression(C=_STRENGTH, max_iter=2000)
    return make_pipeline(StandardScaler(), line).fit(rows, [case.supported for case in given])


def main(cache: Path) -> None:
    """Fit, print, write."""
    embedder = build_embedder(EmbedderConfig(), cache)
    samples = load("support", DEV).samples
    courtesy = fit_courtesy(samples, embedder)
    given = cases(samples, build_support(embedder, head=blank(stamp(embedder)), courtesy=courtesy))
    truth = [case.supported for case in given]
    print(f"{len(given)} claims, area under the curve {roc_auc_score(truth, held_out(given)):.3f}")
    head = fit(given, stamp(embedder))
    write_head(HEAD, courtesy, indent=None)
    write_head(FILE, head, indent=2)


def blank(embedder: str) -> Head:
    """A head that stands in while features are gathered."""
    return Head(version="", embedder=embedder, intercept=0, weights={}, supported=1, unsupported=0)


def write_head(name: str, head: BaseModel, *, indent: int | None) -> None:
    """Into the package, and on the screen."""
    place = Path(support.__file__).parent / name
    place.write_text(json.dumps(head.model_dump(), indent=indent) + "\n", encoding="utf-8")
    print(place.name, place.read_text(encoding="utf-8")[:800])


if __name__ == "__main__":
    main(Path(sys.argv[1]).expanduser())
