"""Finds orders given to the model that reads a text, also a single one inside a long letter.

Two kernel heads share the decision: one judges the text as a whole, one its sentences, of which the
likeliest order counts. The whole alone takes every letter for an attack once attacks came in
letters, and a sentence alone does not show that it stands where it does not belong ("What causes
tides?" in a bill). The log-odds of the sentence and half those of the whole decide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, FloatVector
from service.triage.category_head import CategoryHead, train_category_head
from service.triage.clauses import windows
from service.triage.confidence import Confidence
from service.triage.features import Features, embed_features
from service.triage.kernel_ridge import cosines, dense
from service.triage.order_texts import OrderText, sentences_of
from service.triage.own_examples import stamp

ORDER = 1
"""Class of an order; 0 is anything else."""

OPEN = 0.05
"""Probability of the whole from which its sentences are looked at: below, ordinary talk."""

_WHOLE = 0.5
"""Weight of the whole beside its likeliest sentence: of 0.5, 1 and 2 it told best, on attacks and
mailboxes held out, harmless letters from those with an order in them."""

_ANCHORS = 1024
_SURE = 1e-6


class OrderHead(NamedTuple):
    """Trained heads of whole texts and of sentences, for the embedder of this fingerprint."""

    whole: CategoryHead
    sentence: CategoryHead
    fingerprint: str
    version: str

    def whole_odds(self, texts: Features) -> FloatVector:
        """Log-odds that each text as a whole gives orders, shape (n,)."""
        return _odds(self.whole.probabilities(texts))

    def sentence_odds(self, sentences: Features) -> FloatVector:
        """Log-odds that each sentence is an order, shape (n,)."""
        return _odds(self.sentence.probabilities(sentences))


def judge_orders(head: OrderHead, embedder: Embedder, texts: Sequence[str]) -> FloatVector:
    """Probability that each text gives orders, all looked at sentence by sentence, shape (n,).

    Raises:
        EmbedderUnavailable: no vectors now.
    """
    found = [windows(text) for text in texts]
    whole = head.whole_odds(embed_features(embedder, texts))
    sentences = [window.text for of_text in found for window in of_text]
    odds = head.sentence_odds(embed_features(embedder, sentences))
    ends = np.cumsum([len(of_text) for of_text in found])[:-1]
    pairs = zip(whole, np.split(odds, ends), strict=True)
    return np.array([joined(own, parts.max()) for own, parts in pairs], dtype=np.float32)


def joined(whole: float, sentence: float) -> float:
    """Probability of an order, from the log-odds of a text and of its likeliest sentence."""
    return 1 / (1 + math.exp(-(_WHOLE * whole + sentence)))


def left_open(whole: float) -> bool:
    """Whether log-odds of a whole text are worth a look at its sentences."""
    return whole > math.log(OPEN / (1 - OPEN))


def train_order_head(
    embedder: Embedder, texts: Sequence[OrderText], precision: float = 1.0
) -> OrderHead:
    """Fit both heads; `precision` sets the threshold of the head of whole texts.

    Raises:
        EmbedderUnavailable: no vectors now.
    """
    sentences = sentences_of(texts)
    whole = _train(embedder, [(text.text, text.order) for text in texts], precision)
    sentence = _train(embedder, [(part.text, part.order) for part in sentences], precision)
    version = stamp(*(f"{text.text}\0{text.order}" for text in texts))
    return OrderHead(whole, sentence, embedder.info.fingerprint, version)


def _train(embedder: Embedder, known: Sequence[tuple[str, bool]], precision: float) -> CategoryHead:
    features = embed_features(embedder, [text for text, _ in known])
    targets = np.array([int(order) for _, order in known], dtype=np.int64)
    head = train_category_head(features, targets, 2, precision)
    return condensed(replace(head, confidence=Confidence()))  # odds are joined, not best guesses


def condensed(head: CategoryHead, anchors: int = _ANCHORS) -> CategoryHead:
    """The head on a fixed sample of its anchors, its values on all of them kept as near as these
    allow (Nyström; Williams and Seeger, 2001). A head of thousands of texts so stays small."""
    if len(head.anchors) <= anchors:
        return head
    chosen = np.random.default_rng(0).permutation(len(head.anchors))[:anchors]
    few = head.anchors[np.sort(chosen)]
    wanted = dense(cosines(head.anchors, head.anchors)) @ head.dual.astype(np.float64)
    near = dense(cosines(head.anchors, few))
    normal = near.T @ near + 1e-3 * np.eye(anchors)
    dual = np.linalg.solve(normal, near.T @ wanted)
    return replace(head, anchors=few, dual=np.asarray(dual, np.float32))


def _odds(probabilities: FloatMatrix) -> FloatVector:
    kept = np.clip(probabilities, _SURE, 1.0)
    return np.asarray(np.log(kept[:, ORDER] / kept[:, 1 - ORDER]), dtype=np.float32)
