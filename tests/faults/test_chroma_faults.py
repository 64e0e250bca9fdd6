"""Killed in the middle of adding, the vector store opens again and is rebuilt to the truth."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from retrieval.indexer import IndexEntry, reconcile
from retrieval.indexes.chroma_embedded import open_embedded
from retrieval.types import EmbedderInfo

INFO = EmbedderInfo("test", 16, 16, "a")
COUNT = 3000
WRITER = """
import sys
from pathlib import Path
import numpy as np
from retrieval.indexes.chroma_embedded import open_embedded
from retrieval.types import EmbedderInfo

index = open_embedded(Path(sys.argv[1])).collection("c", EmbedderInfo("test", 16, 16, "a"))
rng = np.random.default_rng()
print("ready", flush=True)
while True:
    ids = [f"junk-{i}" for i in rng.integers(0, 5000, 200)]
    index.upsert(ids, rng.normal(size=(200, 16)).astype(np.float32))
    index.delete(ids[:50])
"""


def truth() -> list[IndexEntry]:
    rows = np.random.default_rng(5).normal(size=(COUNT, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [IndexEntry(f"r#{i}", f"{i:064x}", row) for i, row in enumerate(rows)]


def kill_while_adding(folder: Path, after_s: float) -> None:
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(after_s)
        writer.kill()


@pytest.mark.slow
def test_killed_while_adding_then_rebuilt_to_the_truth(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    entries = truth()
    for after_s in (0.15, 0.4, 0.9):
        kill_while_adding(folder, after_s)

        store = open_embedded(folder)
        index = store.collection("c", INFO)
        reconcile(entries, index)

        assert index.ids() == {entry.key for entry in entries}
        for place in (0, COUNT // 2, COUNT - 1):
            best = index.query(entries[place].vector, 1)[0]
            assert best.id == entries[place].key
        assert reconcile(entries, index).kept == COUNT
        store.close()
