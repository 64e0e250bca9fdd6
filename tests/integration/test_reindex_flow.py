"""Vectors and cache are derived: another embedder or a lost cache is one command away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexer import index_key
from retrieval.indexes.memory import MemoryStore
from retrieval.types import EmbedderInfo, FloatMatrix, Role
from service.bootstrap import Application
from service.errors import ConfigurationError
from service.flows.reindex import ReindexFlow
from service.flows.rules import Upload
from service.flows.search import SearchFlow
from service.settings import Settings

RULES = "# 规则\n\n1.1 不要发广告。\n\n1.2 退款七天内申请。\n"


class OtherEmbedder(HashingEmbedder):
    """The same vectors under another name."""

    @property
    def info(self) -> EmbedderInfo:
        known = super().info
        return EmbedderInfo("other", known.dim, known.max_tokens, "other-fingerprint")

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        return super().embed(texts, role=role)


class LaterEmbedder(HashingEmbedder):
    """The same embedder with clauses made in another way."""

    @property
    def info(self) -> EmbedderInfo:
        return replace(super().info, clauses="hashing-later")


@pytest.fixture
async def loaded(application: Application) -> str:
    """One triaged case and two searchable clauses."""
    await application.rules.upload("acme", Upload("rules.md", RULES.encode()), by="test")
    assert (await application.search.search("acme", "退款")).passages
    item = {"source": "qq", "external_id": "a", "author": "a", "text": "怎么退款"}
    (result,) = await application.ingest.ingest("acme", [item])
    await application.triage.run("acme", [result.case_id or ""])
    return result.case_id or ""


async def test_another_embedder_is_refused_until_reindexed(
    application: Application, loaded: str, settings: Settings
) -> None:
    other, store = OtherEmbedder(), MemoryStore()
    search = SearchFlow(
        uow=application.uow, embedder=other, vectors=store, config=settings.retriever
    )
    with pytest.raises(ConfigurationError, match="huiyin reindex"):
        await search.search("acme", "退款")
    reindex = ReindexFlow(uow=application.uow, embedder=other, vectors=store)
    assert await reindex.stale() != frozenset()
    report = await reindex.run()
    assert (report.embedded, report.indexed) == (3, 3)
    assert await reindex.stale() == frozenset()
    assert (await search.search("acme", "退款")).passages


async def test_clauses_made_in_another_way_are_made_anew_by_the_search(
    application: Application, loaded: str, settings: Settings
) -> None:
    later, store = LaterEmbedder(), application.vectors
    search = SearchFlow(
        uow=application.uow, embedder=later, vectors=store, config=settings.retriever
    )
    reindex = ReindexFlow(uow=application.uow, embedder=later, vectors=store)
    assert await reindex.stale() == frozenset()
    assert (await search.search("acme", "退款")).passages
    async with application.uow() as uow:
        clauses = await uow.vectors.hashes("acme", "clause")
        cases = await uow.vectors.hashes("acme", "case")
    assert {fingerprint for fingerprint, _ in clauses.values()} == {"hashing-later"}
    assert {fingerprint for fingerprint, _ in cases.values()} == {later.info.fingerprint}
    assert store.collection("clause:acme", later.info.of(Role.CLAUSE)).count() == 2
    assert await reindex.stale() == frozenset()
    assert (await reindex.run()).embedded == 0


async def test_a_lost_cache_is_filled_again_with_the_same_content(
    application: Application, loaded: str
) -> None:
    before = application.vectors.collection("case:acme", application.embedder.info).ids()
    application.vectors.drop("case:acme")
    await application.reindex.reconcile()
    after = application.vectors.collection("case:acme", application.embedder.info).ids()
    assert after == before
    assert len(after) == 1


async def test_what_the_database_does_not_know_leaves_the_cache(
    application: Application, loaded: str
) -> None:
    index = application.vectors.collection("case:acme", application.embedder.info)
    ghost = application.embedder.embed(["ghost"], role=Role.QUERY)
    index.upsert([index_key("case_ghost", "0" * 64)], ghost)
    await application.reindex.reconcile()
    assert not any(key.startswith("case_ghost") for key in index.ids())


async def test_what_the_cache_missed_while_away_comes_back_at_the_second_look(
    application: Application, loaded: str
) -> None:
    index = application.vectors.collection("case:acme", application.embedder.info)
    before = index.ids()
    index.delete(sorted(before))
    await application.reindex.catch_up()
    assert index.count() == 0  # a triage may be under way
    await application.reindex.catch_up()
    assert index.ids() == before
    await application.reindex.catch_up()
    assert index.ids() == before


async def test_catching_up_leaves_a_store_that_is_away_alone(
    application: Application, loaded: str
) -> None:
    other = ReindexFlow(uow=application.uow, embedder=OtherEmbedder(), vectors=application.vectors)
    await other.catch_up()
    await other.catch_up()
    assert application.vectors.collection("case:acme", application.embedder.info).count() == 1
