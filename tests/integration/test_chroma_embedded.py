"""The embedded store: one owner, kept over restarts, and the same hits after it is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval.build import build_vector_store
from retrieval.chunking import clauses_of
from retrieval.config import RetrievalConfig, RetrieverConfig
from retrieval.corpus import assemble
from retrieval.documents import parse
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import IndexUnavailable
from retrieval.indexer import IndexEntry, rebuild, reconcile
from retrieval.indexes.chroma_embedded import open_embedded
from retrieval.ports import VectorStore
from retrieval.retriever import Retriever
from retrieval.types import Corpus, DocumentKind, EmbedderInfo, Role

INFO = EmbedderInfo("test", 4, 16, "a")
EMBEDDER = HashingEmbedder(64)
RULES = "\n\n".join(f"{i}.1 第{i}类行为的规则，处理方式为{i}级措施。" for i in range(1, 40))


def corpus_of(text: str) -> Corpus:
    parsed = parse(text.encode(), "rules.md")
    clauses = clauses_of(parsed, slug="r", document_id="d", version=1, kind=DocumentKind.RULES)
    vectors = EMBEDDER.embed([c.embedding_text for c in clauses], role=Role.PASSAGE)
    return assemble("社区", clauses, vectors)


def entries(corpus: Corpus) -> list[IndexEntry]:
    rows = zip(corpus.clauses, corpus.vectors, strict=True)
    return [IndexEntry(clause.id, clause.content_hash, vector) for clause, vector in rows]


def answers(store: VectorStore, corpus: Corpus) -> list[tuple[str, float]]:
    index = store.collection("clause:社区", EMBEDDER.info)
    retriever = Retriever(corpus, EMBEDDER, index, RetrieverConfig())
    return [
        (passage.clause.id, round(passage.score, 5))
        for query in ("第7类行为", "怎么处理", "39级措施")
        for passage in retriever.retrieve(query).passages
    ]


def test_vectors_outlive_the_store_object(tmp_path: Path) -> None:
    store = open_embedded(tmp_path / "v")
    store.collection("c", INFO).upsert(["a"], np.eye(4, dtype=np.float32)[:1])
    store.close()
    store.close()

    again = open_embedded(tmp_path / "v")
    assert again.collection("c", INFO).ids() == {"a"}
    assert again.quarantined is None
    again.close()


def test_losing_the_folder_changes_no_answer(tmp_path: Path) -> None:
    config = RetrievalConfig(cache_dir=tmp_path, data_dir=tmp_path / "data")
    corpus = corpus_of(RULES)
    store = build_vector_store(config)
    reconcile(entries(corpus), store.collection("clause:社区", EMBEDDER.info))
    expected = answers(store, corpus)
    store.close()

    shutil.rmtree(tmp_path / "data")
    store = build_vector_store(config)
    assert answers(store, corpus) == expected  # empty index: the corpus itself is searched
    report = rebuild(entries(corpus), store, "clause:社区", EMBEDDER.info)
    assert report.added == len(corpus.clauses)
    assert answers(store, corpus) == expected
    store.close()


def test_a_second_opening_in_this_process_is_refused(tmp_path: Path) -> None:
    store = open_embedded(tmp_path / "v")
    with pytest.raises(IndexUnavailable, match="another process"):
        open_embedded(tmp_path / "v")
    store.close()
    open_embedded(tmp_path / "v").close()


def test_a_second_process_is_refused_with_the_remedy(tmp_path: Path) -> None:
    store = open_embedded(tmp_path / "v")
    program = (
        "import sys; from pathlib import Path; "
        "from retrieval.indexes.chroma_embedded import open_embedded; "
        "open_embedded(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "v")],
        capture_output=True,
        text=True,
        check=False,
    )
    store.close()
    assert done.returncode != 0
    assert "IndexUnavailable" in done.stderr
    assert "`server`" in done.stderr


@pytest.mark.parametrize("victim", ["chroma.sqlite3", "data_level0.bin"])
def test_a_damaged_folder_is_moved_aside(tmp_path: Path, victim: str) -> None:
    folder = tmp_path / "v"
    rows = np.random.default_rng(0).normal(size=(1500, 4)).astype(np.float32)
    store = open_embedded(folder)
    store.collection("c", INFO).upsert([str(i) for i in range(1500)], rows)
    store.close()
    file = next(folder.rglob(victim))
    file.write_bytes(b"garbage" * (file.stat().st_size // 7))

    store = open_embedded(folder)

    assert store.quarantined == tmp_path / "v-damaged-1"
    assert (tmp_path / "v-damaged-1" / "chroma.sqlite3").exists()
    assert store.collection("c", INFO).ids() == frozenset()
    store.close()


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexUnavailable, match="create its folder"):
        open_embedded(tmp_path / "file" / "v")
