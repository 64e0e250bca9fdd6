"""Fits what tells courtesy from claims where words do not: see `support_fit`.

Courtesy: the development cases and the bundled phrases. Claims: the development cases and the
sentences of the sample community's clauses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from evals.cases import Sample, SupportExpect
from evals.sample_rules import sample_clauses
from retrieval.ports import Embedder
from retrieval.splitting import sentence_spans
from service.drafting.phrases import load_phrases
from service.drafting.support.claims import CourtesyHead
from service.drafting.support.meaning import Meaning, stamp

LOST = 0.02
"""Share of claims without telling words that may pass for courtesy."""

_STRENGTH = 3.0
_FOLDS = 10
_SHORT = 6
"""Characters; a shorter piece of a clause is a heading or a remnant."""


def fit_courtesy(samples: Sequence[Sample], embedder: Embedder) -> CourtesyHead:
    """The head, its limit from sentences not seen; prints how well it told them apart."""
    courtesy, claims = _texts(samples)
    vectors, _ = Meaning(embedder).of([*courtesy, *claims], [])
    truth = np.array([True] * len(courtesy) + [False] * len(claims))
    line = LogisticRegression(C=_STRENGTH, max_iter=3000, class_weight="balanced")
    unseen = cross_val_predict(line, vectors, truth, cv=_FOLDS, method="predict_proba")[:, 1]
    least = float(np.quantile(unseen[~truth], 1 - LOST))
    line.fit(vectors, truth)
    print(
        f"{len(courtesy)} courteous sentences, {len(claims)} claims: area under the curve "
        f"{roc_auc_score(truth, unseen):.3f}, courtesy found {np.mean(unseen[truth] >= least):.3f}"
    )
    return CourtesyHead(
        embedder=stamp(embedder),
        intercept=round(float(line.intercept_[0]), 4),
        weights=tuple(round(float(weight), 3) for weight in line.coef_[0]),
        least=round(least, 3),
    )


def _texts(samples: Sequence[Sample]) -> tuple[list[str], list[str]]:
    state = {sample.text: _state(sample) for sample in samples}
    courtesy = [text for text, given in state.items() if given == "courtesy"]
    courtesy += [one for text in load_phrases().texts() for one in _sentences(text)]
    claims = [text for text, given in state.items() if given != "courtesy"]
    claims += [one for clause in sample_clauses() for one in _sentences(clause.text)]
    return list(dict.fromkeys(courtesy)), [
        one for one in dict.fromkeys(claims) if len(one) > _SHORT
    ]


def _state(sample: Sample) -> str:
    return sample.expect.state if isinstance(sample.expect, SupportExpect) else ""


def _sentences(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in sentence_spans(text))
