"""Public questions against the passages that answer them, with the production retriever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evals.bench.figures import NotMeasured
from evals.bench.sets import Row, rows
from evals.production import ProductionEngines
from retrieval.config import RetrieverConfig
from retrieval.corpus import assemble
from retrieval.indexes.lexical import Bm25Index
from retrieval.retriever import Retriever
from retrieval.types import Clause, Corpus, DocumentKind, FloatMatrix, Role

DEPTH = 5

Ranking = tuple[str, ...]


class Search(NamedTuple):
    """A corpus and the questions asked of it, with the ids that answer each."""

    corpus: Corpus
    questions: Sequence[str]
    relevant: Sequence[frozenset[str]]


def stard(engines: ProductionEngines, data: Path | None) -> dict[str, float]:
    """`stard_zh`: a lay question to the statute article that applies."""
    folder = _folder(data, "stard_zh")
    given = rows(folder / "corpus.jsonl")
    clauses = [_clause(row["id"], row["title"], row["text"], "zh") for row in given]
    asked = _queries(folder, "queries.jsonl")
    hits = _hits(engines, [_search(engines, clauses, asked)])
    return {f"stard_zh.{key}": value for key, value in hits.items()}


def community_rules(engines: ProductionEngines, data: Path | None) -> dict[str, float]:
    """`community_rules`: a clause in one language to the same rule in another; each question sees
    only passages of other languages than its own."""
    folder = _folder(data, "community_rules")
    given = rows(folder / "passages.jsonl")
    asked = _queries(folder, "crosslingual_queries.jsonl")
    langs = sorted({_lang(row) for row in asked})
    clauses = {
        lang: [
            _clause(row["id"], f"{row['title']} / {row['heading']}", row["text"], row["lang"])
            for row in given
            if row["lang"] != lang
        ]
        for lang in langs
    }
    searches = [
        _search(engines, clauses[lang], [row for row in asked if _lang(row) == lang])
        for lang in langs
    ]
    hits = _hits(engines, searches)
    return {f"community_rules.{key}": value for key, value in hits.items()}


def _folder(data: Path | None, name: str) -> Path:
    if data is None:
        raise NotMeasured("needs --data")
    return data / name


def _queries(folder: Path, name: str) -> tuple[Row, ...]:
    """Sealed questions where they exist, else those of dev."""
    sealed = folder / "heldout" / name
    return rows(sealed if sealed.is_file() else folder / "dev" / name)


def _lang(row: Row) -> str:
    return str(row["label"]).split("->")[0]


def _clause(clause_id: str, heading: str, text: str, lang: str) -> Clause:
    digest = hashlib.sha256(f"{heading}\n{text}".encode()).hexdigest()
    return Clause(clause_id, clause_id, 1, DocumentKind.RULES, "", (heading,), text, lang, digest)


def _search(engines: ProductionEngines, clauses: Sequence[Clause], asked: Sequence[Row]) -> Search:
    texts = [clause.embedding_text for clause in clauses]
    vectors = engines.embedder.embed(texts, role=Role.PASSAGE)
    relevant = [frozenset(row["relevant"]) for row in asked]
    return Search(assemble("bench", clauses, vectors), [row["text"] for row in asked], relevant)


def _hits(engines: ProductionEngines, searches: Sequence[Search]) -> dict[str, float]:
    """hit@1 and hit@5 of ours and of each half of it alone."""
    found: dict[str, list[tuple[bool, bool]]] = {}
    for search in searches:
        for name, rankings in _rankings(engines, search).items():
            pairs = zip(rankings, search.relevant, strict=True)
            found.setdefault(name, []).extend(
                (bool(set(r[:1]) & wanted), bool(set(r[:DEPTH]) & wanted)) for r, wanted in pairs
            )
    return dict(_means(found))


def _means(found: Mapping[str, Sequence[tuple[bool, bool]]]) -> Iterator[tuple[str, float]]:
    for name, pairs in found.items():
        first, five = np.array(pairs, dtype=np.float64).mean(axis=0)
        suffix = f".{name}" if name else ""
        yield f"hit1{suffix}", float(first)
        yield f"hit5{suffix}", float(five)


def _rankings(engines: ProductionEngines, search: Search) -> dict[str, list[Ranking]]:
    asked = engines.embedder.embed(search.questions, role=Role.QUERY)
    config = RetrieverConfig(top_k=DEPTH)
    retriever = Retriever(search.corpus, engines.embedder, None, config)
    ours = [
        tuple(passage.clause.id for passage in retriever.retrieve(text, query_vector=v).passages)
        for text, v in zip(search.questions, asked, strict=True)
    ]
    return {"": ours, "words": _words(search), "plain": _plain(search, asked)}


def _words(search: Search) -> list[Ranking]:
    clauses = search.corpus.clauses
    index = Bm25Index([c.id for c in clauses], [c.embedding_text for c in clauses])
    return [tuple(hit.id for hit in index.query(text, DEPTH)) for text in search.questions]


def _plain(search: Search, asked: FloatMatrix) -> list[Ranking]:
    order = np.argsort(-(asked @ search.corpus.vectors.T), axis=1)[:, :DEPTH]
    return [tuple(search.corpus.clauses[place].id for place in row) for row in order]
