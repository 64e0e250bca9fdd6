"""Makes a vector index equal to the truth in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from retrieval.ports import VectorIndex, VectorStore
from retrieval.types import EmbedderInfo, FloatVector

BATCH = 2000


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the database holds about one vector."""

    id: str
    content_hash: str
    vector: FloatVector

    @property
    def key(self) -> str:
        """Id under which the vector is indexed.

        It carries the content's hash: a changed text gets another key, so comparing keys alone
        finds what is stale, and a stale vector can never answer for a new text.
        """
        return index_key(self.id, self.content_hash)


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """How many vectors were added, removed and left as they were."""

    added: int
    removed: int
    kept: int


def index_key(item_id: str, content_hash: str) -> str:
    """Join an id and the first 16 hexadecimal digits of its content hash."""
    return f"{item_id}@{content_hash[:16]}"


def item_id(key: str) -> str:
    """Return the id inside an index key."""
    return key.rpartition("@")[0]


def reconcile(entries: Iterable[IndexEntry], index: VectorIndex) -> ReconcileReport:
    """Add what is missing, remove what the database no longer has. Repeating changes nothing.

    Entries are read once, in batches; vectors of kept entries are not written again.

    Raises:
        IndexUnavailable: the store failed; what was done so far stands, call again later.
    """
    present = index.ids()
    wanted: set[str] = set()
    added = 0
    for batch in _batches(entries):
        missing = [entry for entry in batch if entry.key not in present and entry.key not in wanted]
        _add(index, missing)
        added += len(missing)
        wanted.update(entry.key for entry in batch)
    stale = present - wanted
    if stale:
        index.delete(sorted(stale))
    return ReconcileReport(added, len(stale), len(present & wanted))


def rebuild(
    entries: Iterable[IndexEntry], store: VectorStore, name: str, info: EmbedderInfo
) -> ReconcileReport:
    """Drop the collection and fill a fresh one; also the way out of a fingerprint mismatch."""
    store.drop(name)
    return reconcile(entries, store.collection(name, info))


def _add(index: VectorIndex, entries: list[IndexEntry]) -> None:
    unique = {entry.key: entry.vector for entry in entries}
    if unique:
        index.upsert(list(unique), np.stack(list(unique.values())).astype(np.float32))


def _batches(entries: Iterable[IndexEntry]) -> Iterator[list[IndexEntry]]:
    iterator = iter(entries)
    while batch := list(islice(iterator, BATCH)):
        yield batch
