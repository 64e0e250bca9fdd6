"""The triage engine: redaction, signals, vectors, heads and priority, in that order."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector, Role
from service.domain.base import Lang
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.domain.text import Redacted
from service.domain.triage import (
    DuplicateOf,
    EngineVersions,
    Evidence,
    Judgement,
    Sentiment,
    Signal,
    SignalKind,
)
from service.ports.engines import Candidate, Judged, Redactor
from service.triage.category_head import CategoryHead
from service.triage.duplicates import find_duplicate
from service.triage.features import Features, featurise
from service.triage.folding import fold, text_hash
from service.triage.labels import Policy, decide
from service.triage.linear_head import LinearHead
from service.triage.priority import route_of, severity_of, urgency_of
from service.triage.signals import Scan, Scanner

_CHUNK = 1024
_TAG = re.compile(r"<[^<>]{1,200}>")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""No database or encoder takes these; one character for one keeps all offsets."""

_EVIDENCE = 3
_TOXIC = 0.85
_SPAM = 0.9


class Heads(NamedTuple):
    """The trained parts; `version` names all of them together."""

    category: CategoryHead
    sentiment: LinearHead
    toxicity: LinearHead
    spam: LinearHead
    version: str


class _Prepared(NamedTuple):
    """A text after the choke point: `words` is what vectors and n-grams are made of."""

    redacted: Redacted
    lang: str
    scan: Scan
    words: str


class _Scores(NamedTuple):
    """Everything the heads say of a batch; row i belongs to text i."""

    categories: FloatMatrix
    sentiment: FloatMatrix
    toxicity: FloatVector
    spam: FloatVector
    similarities: FloatMatrix


class TriageEngine:
    """Judges texts. Holds no state but its trained parts; safe to share between threads."""

    def __init__(
        self,
        *,
        embedder: Embedder,
        taxonomy: Taxonomy,
        examples: Sequence[LabelledExample],
        redactor: Redactor,
        scanner: Scanner,
        heads: Heads,
        policy: Policy,
    ) -> None:
        """Bind the parts; `examples` are those the category head was trained on, in order."""
        self._embedder, self._taxonomy, self._examples = embedder, taxonomy, tuple(examples)
        self._redactor, self._scanner, self._heads = redactor, scanner, heads
        self._policy = policy
        self._fingerprint = embedder.info.fingerprint
        self._ids = tuple(category.id for category in taxonomy.categories)
        self._versions = EngineVersions(
            taxonomy=taxonomy.version,
            heads=heads.version,
            embedder=self._fingerprint,
            signals=scanner.version,
        )

    @property
    def taxonomy(self) -> Taxonomy:
        """The categories it judges by."""
        return self._taxonomy

    def judge(self, texts: Sequence[str], at: Sequence[datetime]) -> tuple[Judged, ...]:
        """Judge raw texts; the result of each is independent of the others in the batch.

        Raises:
            EmbedderUnavailable: no vectors now; the caller retries later.
            ValueError: not as many times as texts.
        """
        pairs = list(zip(texts, at, strict=True))
        chunks = [pairs[start : start + _CHUNK] for start in range(0, len(pairs), _CHUNK)]
        return tuple(judged for chunk in chunks for judged in self._judge_chunk(chunk))

    def duplicate(self, redacted: str, candidates: Sequence[Candidate]) -> DuplicateOf | None:
        """The best earlier case that says the same, exact before near, or None."""
        return find_duplicate(redacted, candidates)

    def _judge_chunk(self, pairs: Sequence[tuple[str, datetime]]) -> Iterator[Judged]:
        prepared = [self._prepare(text) for text, _ in pairs]
        vectors = self._embedder.embed([item.words for item in prepared], role=Role.QUERY)
        langs = [item.lang for item in prepared]
        folded = [fold(item.words).text for item in prepared]
        scores = self._score(featurise(vectors, folded, langs))
        for row, (item, (_, at)) in enumerate(zip(prepared, pairs, strict=True)):
            judgement = self._conclude(item, scores, row, at)
            yield Judged(judgement, vectors[row], text_hash(item.redacted.text))

    def _prepare(self, text: str) -> _Prepared:
        redacted = self._redactor.redact(_UNSTORABLE.sub("\ufffd", text))
        words = html.unescape(_TAG.sub(" ", redacted.text)) if "<" in text else redacted.text
        return _Prepared(redacted, detect(words), self._scanner.scan(redacted.text), words)

    def _score(self, features: Features) -> _Scores:
        heads, stamp = self._heads, self._fingerprint
        return _Scores(
            categories=heads.category.probabilities(features),
            sentiment=heads.sentiment.probabilities(features, stamp),
            toxicity=heads.toxicity.probabilities(features, stamp)[:, 1],
            spam=heads.spam.probabilities(features, stamp)[:, 1],
            similarities=heads.category.similarities(features),
        )

    def _conclude(self, item: _Prepared, scores: _Scores, row: int, at: datetime) -> Judgement:
        labelling = decide(self._ids, scores.categories[row], item.scan, self._policy)
        categories = [self._taxonomy.get(label.category) for label in labelling.labels]
        sentiment, sure = self._sentiment(scores.sentiment[row], item.scan)
        toxicity = 0.0 if item.scan.noise else float(scores.toxicity[row])
        severity = severity_of(categories, sentiment, toxicity >= _TOXIC, item.scan)
        return Judgement(
            lang=self._language(item),
            redacted=item.redacted,
            labels=labelling.labels,
            candidates=labelling.candidates,
            abstained=not labelling.labels,
            sentiment=sentiment,
            sentiment_confidence=sure,
            toxicity=toxicity,
            severity=severity,
            urgency=urgency_of(severity),
            route=route_of(categories, severity, item.scan, at),
            signals=(*item.scan.signals, *_spam_signal(float(scores.spam[row]))),
            evidence=self._evidence(scores.similarities[row]),
            versions=self._versions,
        )

    def _language(self, item: _Prepared) -> Lang:
        return Lang.EN if item.lang == "en" else Lang.ZH

    def _sentiment(self, probabilities: FloatVector, scan: Scan) -> tuple[Sentiment, float]:
        if scan.noise:
            return Sentiment.NEUTRAL, 1.0
        best = int(np.argmax(probabilities))
        return Sentiment(self._heads.sentiment.classes[best]), float(probabilities[best])

    def _evidence(self, similarities: FloatVector) -> tuple[Evidence, ...]:
        nearest = np.argsort(-similarities)[:_EVIDENCE]
        return tuple(
            Evidence(
                example_id=self._examples[index].id,
                category=self._examples[index].category,
                text=self._examples[index].text,
                similarity=round(float(similarities[index]), 4),
            )
            for index in nearest
        )


def _spam_signal(probability: float) -> tuple[Signal, ...]:
    if probability < _SPAM:
        return ()
    return (Signal(kind=SignalKind.SPAM, code="resembles_spam"),)
