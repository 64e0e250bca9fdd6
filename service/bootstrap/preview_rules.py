"""Clauses of both sides of a replay, searched in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from retrieval.config import RetrieverConfig
from retrieval.corpus import assemble
from retrieval.ports import Embedder
from retrieval.retriever import Retriever
from retrieval.types import Clause, FloatVector, Retrieval, Role


class Shelf:
    """See `service.ports.previews.PreviewRules`."""

    def __init__(
        self, retriever: Retriever | None, embedder: Embedder, titles: Mapping[str, str]
    ) -> None:
        """Bind the parts; without a `retriever` there are no clauses."""
        self._retriever, self._embedder, self._titles = retriever, embedder, titles

    @property
    def titles(self) -> Mapping[str, str]:
        """See the port."""
        return self._titles

    def search(self, texts: Sequence[str]) -> tuple[Retrieval, ...]:
        """See the port."""
        retriever = self._retriever
        if retriever is None:
            return tuple(Retrieval(text, (), found=False, confidence=0.0) for text in texts)
        vectors = self._embedder.embed(list(texts), role=Role.QUESTION)
        pairs = zip(texts, vectors, strict=True)
        return tuple(retriever.retrieve(text, query_vector=vector) for text, vector in pairs)


class Limited:
    """The same search under another limit; what was searched last is not searched again."""

    def __init__(self, searched: Searched, least: float) -> None:
        self._searched, self._least = searched, least

    @property
    def titles(self) -> Mapping[str, str]:
        """See the port."""
        return self._searched.titles

    def search(self, texts: Sequence[str]) -> tuple[Retrieval, ...]:
        """See the port."""
        found = self._searched.search(texts)
        return tuple(
            replace(one, found=bool(one.passages) and one.confidence >= self._least)
            for one in found
        )


class Searched:
    """A shelf that keeps its last answer."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._last: tuple[tuple[str, ...], tuple[Retrieval, ...]] = ((), ())

    @property
    def titles(self) -> Mapping[str, str]:
        """See the port."""
        return self._shelf.titles

    def search(self, texts: Sequence[str]) -> tuple[Retrieval, ...]:
        """See the port."""
        if self._last[0] != tuple(texts):
            self._last = tuple(texts), self._shelf.search(texts)
        return self._last[1]


def shelf(
    community: str,
    clauses: Sequence[Clause],
    stored: Mapping[str, FloatVector],
    embedder: Embedder,
    config: RetrieverConfig,
    titles: Mapping[str, str],
) -> Shelf:
    """A shelf of these clauses. Blocking: those without a stored vector are embedded.

    Args:
        stored: vectors that are known, by `key_of` their clause.
    """
    if not clauses:
        return Shelf(None, embedder, titles)
    known = dict(stored)
    missing = [one for one in clauses if key_of(one) not in known]
    made = embedder.embed([one.embedding_text for one in missing], role=Role.CLAUSE)
    known |= {key_of(one): row for one, row in zip(missing, made, strict=True)}
    corpus = assemble(community, clauses, np.stack([known[key_of(one)] for one in clauses]))
    return Shelf(Retriever(corpus, embedder, None, config), embedder, titles)


def key_of(clause: Clause) -> str:
    """Names a clause with its text."""
    return f"{clause.id} {clause.content_hash}"
