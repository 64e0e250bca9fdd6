"""Reconciliation makes an index equal to the database, whatever state it was in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.indexer import IndexEntry, ReconcileReport, index_key, item_id, rebuild, reconcile
from retrieval.indexes.memory import MemoryIndex, MemoryStore
from retrieval.types import EmbedderInfo

INFO = EmbedderInfo("test", 4, 16, "a")
VERSIONS = st.dictionaries(st.sampled_from(["x#1", "x#2", "y@1", "z"]), st.sampled_from("abc"))


def entries(versions: dict[str, str]) -> list[IndexEntry]:
    return [
        IndexEntry(key, content * 64, np.full(4, float(ord(content)), dtype=np.float32))
        for key, content in versions.items()
    ]


@given(VERSIONS, VERSIONS)
def test_the_index_becomes_the_truth_and_stays_it(
    before: dict[str, str], after: dict[str, str]
) -> None:
    index = MemoryIndex(INFO)
    reconcile(entries(before), index)
    report = reconcile(entries(after), index)

    assert index.ids() == {entry.key for entry in entries(after)}
    kept = len(before.items() & after.items())
    assert report == ReconcileReport(len(after) - kept, len(before) - kept, kept)
    assert reconcile(entries(after), index) == ReconcileReport(0, 0, len(after))


def test_entries_may_come_from_an_iterator_and_twice() -> None:
    index = MemoryIndex(INFO)
    truth = entries({"x#1": "a", "z": "b"})
    reconcile(iter(truth + truth), index)
    assert index.ids() == {entry.key for entry in truth}


def test_rebuild_leaves_a_mismatch_behind() -> None:
    store = MemoryStore()
    store.collection("c", INFO).upsert(["old"], np.zeros((1, 4), dtype=np.float32))
    other = EmbedderInfo("other", 4, 16, "b")
    assert rebuild(entries({"z": "a"}), store, "c", other).added == 1
    assert store.collection("c", other).ids() == {entries({"z": "a"})[0].key}


def test_keys_give_their_ids_back() -> None:
    assert item_id(index_key("doc#1@2", "f" * 64)) == "doc#1@2"
