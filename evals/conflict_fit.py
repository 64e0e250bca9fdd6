"""Fits how likely two clauses that clash speak of one matter: `python -m evals.conflict_fit CACHE`.

CACHE holds the materialised models. Pairs are those of `datasets/conflicts_dev.jsonl`, and every
two clauses of `datasets/support_dev.jsonl`, which are about different matters. Figures printed are
of pairs whose first clause the model has not seen (ten folds).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from evals.cases import SupportExpect
from evals.cases_clauses import ConflictsExpect
from evals.datasets import FOLDER, load
from retrieval.config import EmbedderConfig
from retrieval.embedders.factory import build_embedder
from service.domain.draft import ContextPassage
from service.drafting import support
from service.drafting.build import build_support
from service.drafting.support.contradiction import FILE, NAMES, ContradictionHead
from service.drafting.support.meaning import stamp
from service.drafting.support.scorer import SupportScorer

DEV = FOLDER / "conflicts_dev.jsonl"
SUPPORT_DEV = FOLDER / "support_dev.jsonl"

LEAST = 0.5
"""Chance from which a pair is called a contradiction."""

_FOLDS = 10
_STRENGTH = 30.0
_STRANGERS = 0.15
"""Weight of a pair of clauses about different matters; there are many."""


class Row(NamedTuple):
    """The values of `NAMES` of the two sentences of a pair that are nearest among those that
    clash; None where none do."""

    found: tuple[float, ...] | None
    conflict: bool
    weight: float
    group: str


def dev_rows(scorer: SupportScorer) -> Iterator[Row]:
    """The pairs written for it."""
    for sample in load("conflicts", DEV).samples:
        expect = sample.expect
        if isinstance(expect, ConflictsExpect):
            sides = (sample.text, sample.lang.value), (expect.other, expect.other_lang.value)
            found = _nearest(scorer, *sides)
            yield Row(found, expect.differs is not None, 1.0, sample.text)


def stranger_rows(scorer: SupportScorer) -> Iterator[Row]:
    """Clauses about different matters, where they clash."""
    clauses = {
        sample.expect.passages[0].text: sample.expect.passages[0].lang.value
        for sample in load("support", SUPPORT_DEV).samples
        if isinstance(sample.expect, SupportExpect)
    }
    for one, other in combinations(clauses.items(), 2):
        if (found := _nearest(scorer, one, other)) is not None:
            yield Row(found, False, _STRANGERS, one[0])


def fit(rows: Sequence[Row], embedder: str) -> ContradictionHead:
    """The head over all pairs that clash."""
    line = _fitted([row for row in rows if row.found is not None])
    return ContradictionHead(
        version="1",
        embedder=embedder,
        intercept=round(float(line.intercept_[0]), 4),
        weights={name: round(float(w), 4) for name, w in zip(NAMES, line.coef_[0], strict=True)},
        least=LEAST,
    )


def unseen(rows: Sequence[Row]) -> NDArray[np.float64]:
    """The chance of each pair by a model that has not seen its first clause, shape (rows,); 0
    where nothing clashes."""
    chances = np.zeros(len(rows))
    clashing = [n for n, row in enumerate(rows) if row.found is not None]
    groups = [rows[n].group for n in clashing]
    for seen, fresh in GroupKFold(_FOLDS).split(clashing, groups=groups):
        line = _fitted([rows[clashing[n]] for n in seen])
        for n in fresh:
            chances[clashing[n]] = line.predict_proba([rows[clashing[n]].found])[0, 1]
    return chances


def _fitted(rows: Sequence[Row]) -> LogisticRegression:
    line = LogisticRegression(C=_STRENGTH, max_iter=2000)
    conflict, weights = [row.conflict for row in rows], [row.weight for row in rows]
    return line.fit([row.found for row in rows], conflict, sample_weight=weights)


def _nearest(
    scorer: SupportScorer, one: tuple[str, str], other: tuple[str, str]
) -> tuple[float, ...] | None:
    found = scorer.clashing(_passage("one", *one), _passage("other", *other))
    return max((pair.found for pair in found), default=None)


def _passage(document: str, text: str, lang: str) -> ContextPassage:
    return ContextPassage(
        clause_id=f"{document}#1", document_id=document, document_title="", version=1, number="1",
        headings=(), text=text, lang=lang, score=1.0,
    )  # fmt: skip


def told(rows: Sequence[Row], chances: NDArray[np.float64]) -> str:
    """Recall and precision over the pairs written for it, by several limits."""
    own = np.array([row.weight == 1.0 for row in rows])
    conflict = np.array([row.conflict for row in rows])
    lines = []
    for least in (0.3, 0.4, 0.5, 0.6, 0.7):
        hit = chances >= least
        right, wrong = int((hit & conflict & own).sum()), int((hit & ~conflict & own).sum())
        strange = int((hit & ~own).sum())
        recall, precision = right / int((conflict & own).sum()), right / max(1, right + wrong)
        lines.append(f"{least}: recall {recall:.2f}, precision {precision:.2f}, {strange} strange")
    return "\n".join(lines)


def main(cache: Path) -> None:
    """Fit, print, write."""
    embedder = build_embedder(EmbedderConfig(), cache)
    scorer = build_support(embedder)
    rows = [*dev_rows(scorer), *stranger_rows(scorer)]
    print(told(rows, unseen(rows)))
    head = fit(rows, stamp(embedder))
    place = Path(support.__file__).parent / FILE
    place.write_text(json.dumps(head.model_dump(), indent=2) + "\n", encoding="utf-8")
    print(place.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]).expanduser())
