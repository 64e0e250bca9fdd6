"""Before and after: what other examples do to the category head, on texts it did not see.

Every text of both sets is judged by a head trained on all texts of a set but this one, and the two
sets are compared slice by slice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.ports import Embedder
from service.domain.refit import Comparison, Loss, SliceScore
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.triage.category_head import leave_one_out
from service.triage.features import Features, embed_features
from service.triage.own_examples import load_unclear, stamp

BOUND = 0.05
"""F1 a slice may lose before a person must insist."""

LEAST = 8
"""Held-back texts a category needs before its F1 is held to the bound."""

CRITICAL = 3
"""Severity from which a category must lose no recall at all."""

ALL = "all"


class _Set(NamedTuple):
    """Row numbers of a set of examples and the class of each, shape (n,)."""

    rows: NDArray[np.int64]
    classes: NDArray[np.int64]


class Refitter:
    """Compares sets of examples for one taxonomy. Blocking: run it in a thread."""

    def __init__(self, embedder: Embedder, taxonomy: Taxonomy) -> None:
        """Bind the parts; an `embedder` that remembers the shipped texts saves most of the time."""
        self._embedder, self._taxonomy = embedder, taxonomy
        self._numbers = {c.id: number for number, c in enumerate(taxonomy.categories)}

    def compare(
        self, before: Sequence[LabelledExample], after: Sequence[LabelledExample]
    ) -> Comparison:
        """Score both sets on the texts they share under the same label.

        Raises:
            EmbedderUnavailable: the texts cannot be embedded now.
        """
        unclear = [(text, len(self._numbers)) for text in load_unclear()]
        pairs = [[*self._pairs(one), *unclear] for one in (before, after)]
        texts = list(dict.fromkeys(text for one in pairs for text, _ in one))
        row_of = {text: row for row, text in enumerate(texts)}
        features = embed_features(self._embedder, texts)
        old, new = (_set(one, row_of) for one in pairs)
        shared = sorted(_labels(old).items() & _labels(new).items())
        rows = np.array([row for row, _ in shared], dtype=np.int64)
        truth = np.array([label for _, label in shared], dtype=np.int64)
        guesses = [_held_out(features, one, rows, len(self._numbers)) for one in (old, new)]
        langs = np.array(features.langs)[rows]
        slices = tuple(self._slices(truth, langs, *guesses))
        return Comparison(
            before=set_stamp(before),
            after=set_stamp(after),
            trained=len(new.rows),
            held_back=len(rows),
            slices=slices,
            losses=tuple(loss for one in slices for loss in _losses(one)),
        )

    def _pairs(self, examples: Sequence[LabelledExample]) -> Iterator[tuple[str, int]]:
        for example in examples:
            if example.category in self._numbers:
                yield example.text, self._numbers[example.category]

    def _slices(
        self, truth: NDArray[np.int64], langs: NDArray[np.str_],
        before: NDArray[np.int64], after: NDArray[np.int64],
    ) -> Iterator[SliceScore]:  # fmt: skip
        whole = np.ones(len(truth), dtype=bool)
        categories = self._taxonomy.categories
        for name, number in self._numbers.items():
            mine, critical = [number], categories[number].severity >= CRITICAL
            yield _score(name, truth, before, after, whole, mine, critical=critical)
        for name, part in ((ALL, whole), ("zh", langs == "zh"), ("en", langs == "en")):
            present = [n for n in range(len(categories)) if (truth[part] == n).any()]
            yield _score(name, truth, before, after, part, present)


def set_stamp(examples: Sequence[LabelledExample]) -> str:
    """Names a set of examples by its texts and labels, whatever their order."""
    return stamp(*sorted(f"{one.text}\0{one.category}" for one in examples))


def _set(pairs: Sequence[tuple[str, int]], row_of: dict[str, int]) -> _Set:
    """Where a text stands twice, the later label counts."""
    labels = {row_of[text]: label for text, label in pairs}
    return _Set(np.array(list(labels), np.int64), np.array(list(labels.values()), np.int64))


def _labels(one: _Set) -> dict[int, int]:
    return dict(zip(one.rows.tolist(), one.classes.tolist(), strict=True))


def _held_out(
    features: Features, trained: _Set, rows: NDArray[np.int64], categories: int
) -> NDArray[np.int64]:
    """The class each of `rows`, which are all in the set, is given by the others."""
    order = np.argsort(trained.rows)
    logits = leave_one_out(features.take(trained.rows[order]), trained.classes[order], categories)
    places = np.searchsorted(trained.rows[order], rows)
    return np.asarray(logits[places].argmax(axis=1), dtype=np.int64)


def _score(
    name: str, truth: NDArray[np.int64], before: NDArray[np.int64], after: NDArray[np.int64],
    part: NDArray[np.bool_], classes: Sequence[int], *, critical: bool = False,
) -> SliceScore:  # fmt: skip
    """Means over `classes` of the texts in `part`."""
    old = [_f1_recall(truth[part], before[part], one) for one in classes]
    new = [_f1_recall(truth[part], after[part], one) for one in classes]
    return SliceScore(
        name=name,
        texts=int(np.isin(truth[part], classes).sum()),
        f1_before=_mean([f1 for f1, _ in old]),
        f1_after=_mean([f1 for f1, _ in new]),
        recall_before=_mean([recall for _, recall in old]),
        recall_after=_mean([recall for _, recall in new]),
        critical=critical,
    )


def _f1_recall(truth: NDArray[np.int64], guess: NDArray[np.int64], one: int) -> tuple[float, float]:
    hit = int(((truth == one) & (guess == one)).sum())
    real, said = int((truth == one).sum()), int((guess == one).sum())
    return (2 * hit / (real + said) if real + said else 0.0), (hit / real if real else 0.0)


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4) if values else 0.0


def _losses(score: SliceScore) -> Iterator[Loss]:
    if score.texts >= LEAST and score.f1_after < score.f1_before - BOUND:
        yield Loss(name=score.name, measure="f1", before=score.f1_before, after=score.f1_after)
    if score.critical and score.recall_after < score.recall_before:
        yield Loss(
            name=score.name, measure="recall",
            before=score.recall_before, after=score.recall_after,
        )  # fmt: skip
