"""The triage engine: redaction, signals, vectors, heads and priority, in that order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language import detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector, Role
from service.domain.base import Lang
from service.domain.duplicates import Likeness
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
from service.ports.engines import Candidate, Judged, Redactor, Side
from service.triage.category_head import CategoryHead
from service.triage.clauses import added_parts, sentences, without_tags
from service.triage.diluted import beginnings_and_endings, graver
from service.triage.duplicates import find_duplicate
from service.triage.features import Features, featurise
from service.triage.folding import fold, text_hash
from service.triage.labels import Policy, decide
from service.triage.likeness import likeness
from service.triage.linear_head import LinearHead
from service.triage.order_finder import Look, OrderFinder
from service.triage.order_head import OrderHead
from service.triage.priority import route_of, severity_of, urgency_of
from service.triage.risk_head import RiskHead
from service.triage.signals import Scan, Scanner

_CHUNK = 1024
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""No database or encoder takes these; one character for one keeps all offsets."""

_EVIDENCE = 3
_TOXIC = 0.85
_SPAM = 0.9


class Heads(NamedTuple):
    """The trained parts; `version` names all of them together."""

    category: CategoryHead
    risk: RiskHead
    sentiment: LinearHead
    toxicity: LinearHead
    spam: LinearHead
    injection: LinearHead
    orders: OrderHead
    version: str


class _Prepared(NamedTuple):
    """A text after the choke point: `words` is what vectors and n-grams are made of, `parts` those
    of its parts that may ask for something else."""

    redacted: Redacted
    lang: str
    scan: Scan
    words: str
    parts: tuple[str, ...]


class _Scores(NamedTuple):
    """Everything the heads say of a batch; row i belongs to text i.

    `parts[i]` are category probabilities of its parts, `risks[i]` risk probabilities of the text
    and its parts.
    """

    categories: FloatMatrix
    parts: Sequence[FloatMatrix]
    risks: Sequence[FloatMatrix]
    sentiment: FloatMatrix
    toxicity: FloatVector
    spam: FloatVector
    similarities: NDArray[np.float64]


class _Read(NamedTuple):
    """A batch with its features, vectors and scores; row i of each belongs to text i."""

    prepared: Sequence[_Prepared]
    whole: Features
    vectors: FloatMatrix
    scores: _Scores


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
        self._orders = OrderFinder(heads.orders, heads.injection, embedder)
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

    def likeness(self, one: Side, others: Sequence[Side]) -> tuple[Likeness | None, ...]:
        """How each of the others resembles the one; None where it does not say the same."""
        return likeness(one, others, self._heads.category.centre)

    def _judge_chunk(self, pairs: Sequence[tuple[str, datetime]]) -> Iterator[Judged]:
        read = self._read([text for text, _ in pairs])
        redacted = [item.redacted.text for item in read.prepared]
        looks = self._orders.look(redacted, read.whole)
        found = [
            self._conclude(read, row, at, looks[row].signals) for row, (_, at) in enumerate(pairs)
        ]
        found = self._undiluted(read, found, looks, [at for _, at in pairs])
        for row, judgement in enumerate(found):
            yield Judged(judgement, read.vectors[row], text_hash(redacted[row]))

    def _read(self, texts: Sequence[str]) -> _Read:
        prepared = [self._prepare(text) for text in texts]
        words = [item.words for item in prepared]
        words += [part for item in prepared for part in item.parts]
        vectors = self._embedder.embed(words, role=Role.QUERY)
        features = _features(words, vectors, [detect(text) for text in words])
        scores = self._score(features, [len(item.parts) for item in prepared])
        return _Read(prepared, features.take(np.arange(len(prepared))), vectors, scores)

    def _prepare(self, text: str) -> _Prepared:
        redacted = self._redactor.redact(_UNSTORABLE.sub("\ufffd", text))
        words = without_tags(redacted.text)
        scan = self._scanner.scan(redacted.text)
        ordered_about = scan.has(SignalKind.INJECTION)
        parts = sentences(words) if ordered_about else added_parts(words)
        return _Prepared(redacted, detect(words), scan, words, parts)

    def _score(self, features: Features, parts: Sequence[int]) -> _Scores:
        """Score texts followed by the parts of each; `parts` counts them."""
        heads, stamp, count = self._heads, self._fingerprint, len(parts)
        categories, near = heads.category.scores(features)
        risks = heads.risk.probabilities(features)
        whole = features.take(np.arange(count))
        ends = np.cumsum(parts)[:-1]
        return _Scores(
            categories=categories[:count],
            parts=np.split(categories[count:], ends),
            risks=[
                np.vstack([own, *of_parts])
                for own, of_parts in zip(risks[:count], np.split(risks[count:], ends), strict=True)
            ],
            sentiment=heads.sentiment.probabilities(whole, stamp),
            toxicity=heads.toxicity.probabilities(whole, stamp)[:, 1],
            spam=heads.spam.probabilities(whole, stamp)[:, 1],
            similarities=near[:count, : len(self._examples)],
        )

    def _undiluted(
        self,
        read: _Read,
        judged: Sequence[Judgement],
        looks: Sequence[Look],
        at: Sequence[datetime],
    ) -> list[Judgement]:
        """The judgements, each as grave as what stands beside the orders a text may hold."""
        parts = [
            (row, part)
            for row, (item, look) in enumerate(zip(read.prepared, looks, strict=True))
            if look.doubtful or item.scan.has(SignalKind.INJECTION)
            for part in beginnings_and_endings(item.redacted.text)
        ]
        found = list(judged)
        if parts:
            beside = self._read([part for _, part in parts])
            for place, (row, _) in enumerate(parts):
                found[row] = graver(found[row], self._conclude(beside, place, at[row], ()))
        return found

    def _conclude(
        self, read: _Read, row: int, at: datetime, orders: tuple[Signal, ...]
    ) -> Judgement:
        item, scores = read.prepared[row], read.scores
        item = item._replace(scan=self._with_risk(item.scan, scores.risks[row]))
        labelling = decide(
            self._ids, scores.categories[row], scores.parts[row], item.scan, self._policy
        )
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
            signals=(*item.scan.signals, *_resemblances(scores, row), *orders),
            evidence=self._evidence(scores.similarities[row]),
            versions=self._versions,
        )

    def _with_risk(self, scan: Scan, risks: FloatMatrix) -> Scan:
        """The scan with what the severity head finds; it adds and takes nothing away."""
        found = None if scan.noise else self._heads.risk.finding(risks)
        if found is None:
            return scan
        signal, risk, sure = found
        return scan._replace(
            signals=(*scan.signals, signal),
            floor=max(scan.floor, risk.floor),
            forced=scan.forced or risk.category,
            sure=scan.sure if scan.forced else sure,
        )

    def _language(self, item: _Prepared) -> Lang:
        return Lang.EN if item.lang == "en" else Lang.ZH

    def _sentiment(self, probabilities: FloatVector, scan: Scan) -> tuple[Sentiment, float]:
        if scan.noise:
            return Sentiment.NEUTRAL, 1.0
        best = int(np.argmax(probabilities))
        return Sentiment(self._heads.sentiment.classes[best]), float(probabilities[best])

    def _evidence(self, similarities: NDArray[np.float64]) -> tuple[Evidence, ...]:
        last = min(_EVIDENCE, len(similarities) - 1)
        few = np.argpartition(-similarities, last)[:_EVIDENCE]
        nearest = few[np.argsort(-similarities[few], kind="stable")]
        return tuple(
            Evidence(
                example_id=self._examples[index].id,
                category=self._examples[index].category,
                text=self._examples[index].text,
                similarity=round(float(similarities[index]), 4),
            )
            for index in nearest
        )


def _features(texts: Sequence[str], vectors: FloatMatrix, langs: Sequence[str]) -> Features:
    return featurise(vectors, [fold(text).text for text in texts], langs)


def _resemblances(scores: _Scores, row: int) -> Iterator[Signal]:
    """What the spam head finds; a mark, which demands no category and no severity."""
    if scores.spam[row] >= _SPAM:
        yield Signal(kind=SignalKind.SPAM, code="resembles_spam")
