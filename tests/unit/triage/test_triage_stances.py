"""Talk for and against prejudice, which the toxicity head learns beside public sets."""

from __future__ import annotations

from collections import Counter

from retrieval.embedders.hashing import HashingEmbedder
from service.triage.features import embed_features
from service.triage.linear_head import load_linear_head
from service.triage.own_examples import load_stances
from service.triage.train_heads import _stances


def test_no_text_stands_on_both_sides_or_twice() -> None:
    texts = Counter(text for one in load_stances() for text in (*one.against, *one.hostile))

    assert max(texts.values()) == 1
    assert len(texts) > 300


def test_a_topic_has_both_sides_in_both_languages_and_is_held_out_whole() -> None:
    topics = {one.topic for one in load_stances()}
    rows = list(_stances())

    for topic in topics:
        here = [row for row in rows if row.template == topic]
        assert {row.target for row in here} == {0, 1}
        assert {row.text.isascii() for row in here} == {True, False}


def test_the_stored_head_tells_the_sides_apart_by_their_words_alone() -> None:
    head = load_linear_head("toxicity")

    def toxic(texts: list[str]) -> float:
        features = embed_features(HashingEmbedder(96), texts)
        return float(head.probabilities(features, "another embedder")[:, 1].mean())

    against = [text for one in load_stances() for text in one.against]
    hostile = [text for one in load_stances() for text in one.hostile]
    assert toxic(against) < 0.45 < 0.55 < toxic(hostile)
