"""Runs alone in a child process: does this Chroma folder open and answer?

A damaged folder can crash the process that opens it, so the question is asked from outside.
Usage: `python -I chroma_probe.py FOLDER`; exit code 0 means sound.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection


def probe(path: str) -> None:
    """Open every collection, read its entries and search in it.

    Raises:
        RuntimeError: a collection does not return what it says it holds.
    """
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
    for listed in client.list_collections():
        _check(client.get_collection(listed.name, embedding_function=None))


def _check(collection: Collection) -> None:
    count = collection.count()
    if len(collection.get(include=[])["ids"]) != count:
        raise RuntimeError("entries are missing")
    if count == 0:
        return
    first = collection.get(limit=1, include=["embeddings"])["embeddings"]
    found = collection.query(query_embeddings=first, n_results=min(count, 10))["ids"][0]
    if len(found) < min(count, 10):
        raise RuntimeError("the index answers with too little")


if __name__ == "__main__":
    probe(sys.argv[1])
