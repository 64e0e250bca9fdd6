"""Hybrid search: the right clause, the same with and without an index, or nothing found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from retrieval.chunking import clauses_of
from retrieval.confidence import Calibration, Features, shipped
from retrieval.config import RetrieverConfig
from retrieval.corpus import assemble
from retrieval.documents import parse
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import IndexUnavailable
from retrieval.indexer import IndexEntry, reconcile
from retrieval.indexes.memory import MemoryIndex
from retrieval.retriever import Retriever
from retrieval.types import Corpus, DocumentKind, FloatMatrix, Hit, Retrieval, Role

EMBEDDER = HashingEmbedder(256)
CONFIG = RetrieverConfig(top_k=3)
EAGER = Calibration(intercept=9.0, lead=0.0, words=0.0, concepts=0.0, margin=0.0, usual=0.0)
RULES = """
**1.1** 成员应当友善待人，不得辱骂他人。

**1.2** 不得发布广告、二维码和外部群邀请。

**2.1** 年卡付款后七天内可以申请退款，原路退回。

**2.2** 自动续费可以在设置里关闭。

**3.1** Report a bug with the app version, your device and the steps before it.

**3.2** Never share phone numbers, home addresses or bank cards of other members.
"""


def corpus_of(text: str = RULES) -> Corpus:
    parsed = parse(text.encode(), "rules.md")
    clauses = clauses_of(parsed, slug="r", document_id="d", version=1, kind=DocumentKind.RULES)
    texts = [clause.embedding_text for clause in clauses]
    return assemble("c", clauses, EMBEDDER.embed(texts, role=Role.PASSAGE))


def index_of(corpus: Corpus) -> MemoryIndex:
    index = MemoryIndex(EMBEDDER.info)
    rows = zip(corpus.clauses, corpus.vectors, strict=True)
    reconcile((IndexEntry(c.id, c.content_hash, vector) for c, vector in rows), index)
    return index


def ranking(result: Retrieval) -> list[tuple[str, float]]:
    return [(passage.clause.number, round(passage.score, 5)) for passage in result.passages]


class BrokenIndex(MemoryIndex):
    def query_many(self, vectors: FloatMatrix, k: int) -> tuple[tuple[Hit, ...], ...]:
        raise IndexUnavailable("gone")


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("年卡可以退款吗", "2.1"),
        ("有人在群裡發廣告二維碼", "1.2"),
        ("怎么关闭自动续费", "2.2"),
        ("where do I report a bug", "3.1"),
    ],
)
def test_the_right_clause_comes_first(query: str, number: str) -> None:
    result = Retriever(corpus_of(), EMBEDDER, None, CONFIG, calibration=EAGER).retrieve(query)
    assert result.passages[0].clause.number == number
    assert result.found
    assert len(result.passages) == 3
    assert result.passages[0].lexical_score is not None
    assert [p.score for p in result.passages] == sorted(
        (p.score for p in result.passages), reverse=True
    )


@pytest.mark.parametrize("query", ["年卡退款", "广告", "bug report", "完全无关的天气", "🙂"])
def test_index_lost_index_and_no_index_agree(query: str) -> None:
    corpus = corpus_of()
    expected = ranking(Retriever(corpus, EMBEDDER, None, CONFIG).retrieve(query))
    indexes = [index_of(corpus), MemoryIndex(EMBEDDER.info), BrokenIndex(EMBEDDER.info)]
    for index in indexes:
        assert ranking(Retriever(corpus, EMBEDDER, index, CONFIG).retrieve(query)) == expected


def test_candidates_come_from_the_index_where_there_is_one() -> None:
    asked: list[int] = []

    class Watched(MemoryIndex):
        def query_many(self, vectors: FloatMatrix, k: int) -> tuple[tuple[Hit, ...], ...]:
            asked.append(len(vectors))
            return super().query_many(vectors, k)

    corpus = corpus_of()
    watched = Watched(EMBEDDER.info)
    watched.upsert([], np.empty((0, 256), dtype=np.float32))
    Retriever(corpus, EMBEDDER, watched, CONFIG).retrieve("退款")
    assert asked == [2]  # one probe for each language of the corpus


def test_stale_entries_of_the_index_are_ignored() -> None:
    corpus = corpus_of()
    index = index_of(corpus)
    index.upsert(["r#9.9@0000"], EMBEDDER.embed(["退款"], role=Role.PASSAGE))
    result = Retriever(corpus, EMBEDDER, index, CONFIG).retrieve("退款")
    assert ranking(result) == ranking(Retriever(corpus, EMBEDDER, None, CONFIG).retrieve("退款"))


def test_a_given_vector_spares_the_embedder() -> None:
    class Counting(HashingEmbedder):
        calls = 0

        def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
            Counting.calls += 1
            return super().embed(texts, role=role)

    embedder = Counting(256)
    retriever = Retriever(corpus_of(), embedder, None, CONFIG)
    calls = Counting.calls
    vector = EMBEDDER.embed(["年卡退款"], role=Role.QUERY)[0]
    given = retriever.retrieve("年卡退款", query_vector=vector)
    assert Counting.calls == calls
    assert ranking(given) == ranking(retriever.retrieve("年卡退款"))


@pytest.mark.parametrize("query", ["", "  \n "])
def test_a_blank_query_finds_nothing(query: str) -> None:
    result = Retriever(corpus_of(), EMBEDDER, None, CONFIG, calibration=EAGER).retrieve(query)
    assert (result.passages, result.found, result.confidence) == ((), False, 0.0)


def test_an_empty_corpus_finds_nothing() -> None:
    empty = assemble("c", (), np.empty((0, 256), dtype=np.float32))
    retriever = Retriever(empty, EMBEDDER, None, CONFIG, calibration=EAGER)
    assert retriever.retrieve("退款") == Retrieval("退款", (), found=False, confidence=0.0)
    with pytest.raises(ValueError, match="empty"):
        retriever.features("退款")


def test_a_corpus_of_one_clause_answers() -> None:
    result = Retriever(corpus_of("只有一条规则。"), EMBEDDER, None, CONFIG).retrieve("规则")
    assert len(result.passages) == 1
    assert np.isfinite(result.passages[0].score)


def test_the_threshold_decides_whether_a_rule_is_found() -> None:
    corpus = corpus_of()
    strict = RetrieverConfig(min_confidence=1.0)
    lax = RetrieverConfig(min_confidence=0.0)
    assert not Retriever(corpus, EMBEDDER, None, strict).retrieve("年卡退款").found
    assert Retriever(corpus, EMBEDDER, None, lax).retrieve("天气").found


def test_confidence_grows_with_the_evidence() -> None:
    model = shipped()
    nothing = Features(lead=0.0, words=0.0, concepts=0.0, margin=0.0, usual=0.0)
    assert model.probability(nothing) < 0.2
    for better in ({"lead": 0.1}, {"concepts": 0.4}, {"margin": 2.0}):
        assert model.probability(replace(nothing, **better)) > model.probability(nothing) + 0.1


def test_small_talk_is_nearer_to_usual_messages_than_a_question_of_substance() -> None:
    retriever = Retriever(corpus_of(), EMBEDDER, None, CONFIG)
    for talk, question in (("在吗", "年卡退款怎么申请"), ("thanks a lot", "reset my password")):
        assert retriever.features(talk).usual > retriever.features(question).usual


def test_a_clause_near_everything_does_not_win() -> None:
    """A hub: nearest to the query only through what all small talk shares."""
    talk = EMBEDDER.embed(["hello", "lunch"], role=Role.QUERY).mean(axis=0)

    class Chatty(HashingEmbedder):
        def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
            return np.tile(talk, (len(texts), 1)).astype(np.float32)

    base = corpus_of("1.1 alpha\n\n1.2 beta\n\n1.3 gamma\n\n1.4 delta\n\n1.5 epsilon")
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(5, 256)) / 16
    answer = rows[1]
    rows[0] = rows[0] * 0.2 + talk / np.linalg.norm(talk)
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    corpus = assemble("c", base.clauses, vectors)
    query = answer / np.linalg.norm(answer) * 0.5 + talk / np.linalg.norm(talk)
    vector = (query / np.linalg.norm(query)).astype(np.float32)
    assert int(np.argmax(vectors @ vector)) == 0
    result = Retriever(corpus, Chatty(256), None, CONFIG).retrieve("zzz", query_vector=vector)
    assert result.passages[0].clause.number == "1.2"


def test_what_every_clause_is_about_does_not_decide() -> None:
    """The first clause speaks more of the common subject, the second of what was asked."""
    axes = np.eye(256, dtype=np.float32)
    subject, topics = axes[0], axes[1:6]

    class Elsewhere(HashingEmbedder):
        def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
            return np.tile(axes[100], (len(texts), 1))

    base = corpus_of("1.1 alpha\n\n1.2 beta\n\n1.3 gamma\n\n1.4 delta\n\n1.5 epsilon")
    rows = topics + np.array([1.6, 1.0, 1.0, 1.0, 1.0], dtype=np.float32)[:, None] * subject
    vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    corpus = assemble("c", base.clauses, vectors)
    query = 0.1906 * topics[1] + 0.98 * subject
    assert int(np.argmax(vectors @ query)) == 0
    result = Retriever(corpus, Elsewhere(256), None, CONFIG).retrieve("zzz", query_vector=query)
    assert result.passages[0].clause.number == "1.2"


def test_another_language_is_not_drowned_by_the_query_s_own() -> None:
    """Vectors that cluster by language: the right clause is in the other language."""
    rng = np.random.default_rng(3)
    base = corpus_of(
        "\n\n".join(f"{i}.1 规则{i}号" for i in range(1, 21))
        + "\n\n"
        + "\n\n".join(f"{i}.1 rule about thing number {i}" for i in range(21, 41))
    )
    topics = rng.normal(size=(40, 32))
    language = np.where(np.arange(40)[:, None] < 20, 3.0, -3.0) * np.eye(32)[0]
    rows = topics + language
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    corpus = assemble("c", base.clauses, vectors)
    query = topics[30] + 3.0 * np.eye(32)[0]  # a Chinese question about English clause 31.1
    vector = (query / np.linalg.norm(query)).astype(np.float32)

    for index in (None, index_of_vectors(corpus)):
        retriever = Retriever(corpus, HashingEmbedder(32), index, CONFIG)
        result = retriever.retrieve("在吗", query_vector=vector)
        assert result.passages[0].clause.number == "31.1"


def index_of_vectors(corpus: Corpus) -> MemoryIndex:
    index = MemoryIndex(HashingEmbedder(32).info)
    rows = zip(corpus.clauses, corpus.vectors, strict=True)
    reconcile((IndexEntry(c.id, c.content_hash, vector) for c, vector in rows), index)
    return index
