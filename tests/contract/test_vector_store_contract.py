"""What every vector store must do: in memory, embedded Chroma, and a Chroma server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import FingerprintMismatch, IndexUnavailable
from retrieval.indexes.chroma_embedded import open_embedded
from retrieval.indexes.chroma_server import open_server
from retrieval.indexes.memory import MemoryStore
from retrieval.ports import VectorStore
from retrieval.types import EmbedderInfo, FloatMatrix

DIM = 8
INFO = EmbedderInfo("test", DIM, 16, "fingerprint-a")
OTHER = EmbedderInfo("test", DIM, 16, "fingerprint-b")


def unit_rows(count: int, seed: int = 0) -> FloatMatrix:
    rows = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_server(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            open_server(url, timeout_s=1).close()
        except IndexUnavailable:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the Chroma server did not start")


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--path", str(folder)],
        cwd=folder,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_server(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


Opener = Callable[[], VectorStore]


@pytest.fixture(params=["memory", "embedded", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    openers: dict[str, Opener] = {
        "memory": MemoryStore,
        "embedded": lambda: open_embedded(tmp_path / "vectors"),
        "server": lambda: open_server(request.getfixturevalue("server_url"), timeout_s=10),
    }
    opened = openers[request.param]()
    yield opened
    opened.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A collection of its own for each test; any text is allowed in it."""
    return f"社区/../{request.node.name} 🙂"


def test_nearest_come_first_with_their_cosine(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    rows = unit_rows(60)
    index.upsert([f"doc#{i}" for i in range(60)], rows)

    hits = index.query(rows[7], 5)

    expected = np.argsort(-(rows @ rows[7]))[:5]
    assert [hit.id for hit in hits] == [f"doc#{i}" for i in expected]
    assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    assert [hit.score for hit in hits] == pytest.approx(
        [float(rows[i] @ rows[7]) for i in expected], abs=1e-4
    )


def test_many_queries_answer_like_one_by_one(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    rows = unit_rows(40)
    index.upsert([str(i) for i in range(40)], rows)

    many = index.query_many(rows[:3], 4)

    assert [[hit.id for hit in hits] for hits in many] == [
        [hit.id for hit in index.query(row, 4)] for row in rows[:3]
    ]
    assert index.query_many(rows[:0], 4) == ()


def test_upsert_replaces_and_repeats_harmlessly(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    old, new = unit_rows(2)
    index.upsert(["a"], old[None])
    for _ in range(2):
        index.upsert(["a"], new[None])

    assert index.ids() == {"a"}
    assert index.count() == 1
    assert index.query(new, 5)[0].score == pytest.approx(1.0, abs=1e-4)


def test_an_id_given_twice_in_one_call_keeps_the_last(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    rows = unit_rows(2)
    index.upsert(["a", "a"], rows)

    assert index.ids() == {"a"}
    assert index.query(rows[1], 1)[0].score == pytest.approx(1.0, abs=1e-4)


def test_delete_removes_and_ignores_the_unknown(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    rows = unit_rows(30)
    index.upsert([str(i) for i in range(30)], rows)
    index.delete([*map(str, range(20)), "never stored"])

    assert index.ids() == set(map(str, range(20, 30)))
    assert {hit.id for hit in index.query(rows[0], 30)} == index.ids()


def test_an_empty_collection_answers(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    index.upsert([], np.empty((0, DIM), dtype=np.float32))
    index.delete([])

    assert index.query(unit_rows(1)[0], 3) == ()
    assert index.ids() == frozenset()


def test_more_than_one_batch(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    rows = unit_rows(6001)
    index.upsert([str(i) for i in range(6001)], rows)

    assert len(index.ids()) == 6001
    assert index.query(rows[6000], 1)[0].id == "6000"


def test_another_embedder_is_refused_with_the_remedy(store: VectorStore, name: str) -> None:
    store.collection(name, INFO).upsert(["a"], unit_rows(1))

    with pytest.raises(FingerprintMismatch, match="huiyin reindex"):
        store.collection(name, OTHER)

    store.drop(name)
    assert store.collection(name, OTHER).ids() == frozenset()


def test_collections_are_apart_and_dropping_twice_is_harmless(
    store: VectorStore, name: str
) -> None:
    store.collection(name, INFO).upsert(["a"], unit_rows(1))
    store.collection(name + "!", INFO).upsert(["b"], unit_rows(1))

    assert store.collection(name, INFO).ids() == {"a"}
    store.drop(name)
    store.drop(name)
    assert store.collection(name + "!", INFO).ids() == {"b"}


def test_rows_that_do_not_match_the_ids_are_refused(store: VectorStore, name: str) -> None:
    index = store.collection(name, INFO)
    with pytest.raises(ValueError, match=r"."):
        index.upsert(["a", "b"], unit_rows(3))
    assert index.ids() == frozenset()
