"""Public questions against the passages that answer them, with the production retriever."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from retrieval.types import Clause, Corpus, DocumentKind, FloatMatrix, FloatVector, Role

DEPTH = 5

FUSION = 60
"""Reciprocal rank fusion as published (Cormack et al., 2009)."""

Ranking = tuple[str, ...]

Found = Mapping[str, Sequence[tuple[bool, bool]]]
"""For ours ("") and each peer: whether a question's answer was first, and among the first five."""


class Search(NamedTuple):
    """A corpus and the questions asked of it, with the ids that answer each.

    `plain` holds the clauses' vectors as the model gives them, for the peer.
    """

    corpus: Corpus
    plain: FloatMatrix
    questions: Sequence[str]
    relevant: Sequence[frozenset[str]]


def stard(engines: ProductionEngines, data: Path | None) -> dict[str, float]:
    """`stard_zh`: a lay question to the statute article that applies."""
    folder = _folder(data, "stard_zh")
    given = rows(folder / "corpus.jsonl")
    clauses = [_clause(row["id"], row["title"], row["text"], "zh") for row in given]
    asked = _queries(folder, "queries.jsonl")
    hits = _hits([_found(engines, _search(engines, clauses, asked))])
    return {f"stard_zh.{key}": value for key, value in hits.items()}


def community_rules(engines: ProductionEngines, data: Path | None) -> dict[str, float]:
    """`community_rules`: a clause in one language to the same rule in another; each question sees
    only passages of other languages than its own. `hit1.<language>`: by the question's language.

    The set counts simplified and traditional Chinese as two languages, so a Chinese question sees
    its own rule in the other script, which counts as wrong, and an English one that is asked for
    both scripts can be right only once.
    """
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
    searches = {
        lang: _search(engines, clauses[lang], [row for row in asked if _lang(row) == lang])
        for lang in langs
    }
    found = {lang: _found(engines, search) for lang, search in searches.items()}
    hits = _hits(found.values())
    hits |= {f"hit1.{lang}": _hits([of])["hit1"] for lang, of in found.items()}
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
    corpus = assemble("bench", clauses, engines.embedder.embed(texts, role=Role.CLAUSE))
    plain = engines.embedder.embed(texts, role=Role.PASSAGE)
    relevant = [frozenset(row["relevant"]) for row in asked]
    return Search(corpus, plain, [row["text"] for row in asked], relevant)


def _found(engines: ProductionEngines, search: Search) -> Found:
    return {
        name: [
            (bool(set(ranking[:1]) & wanted), bool(set(ranking[:DEPTH]) & wanted))
            for ranking, wanted in zip(rankings, search.relevant, strict=True)
        ]
        for name, rankings in _rankings(engines, search).items()
    }


def _hits(found: Iterable[Found]) -> dict[str, float]:
    """hit@1 and hit@5 of ours and of the peers, over all searches."""
    together: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for of in found:
        for name, pairs in of.items():
            together[f".{name}" if name else ""].extend(pairs)
    means = {name: np.mean(pairs, axis=0) for name, pairs in together.items()}
    return {
        f"hit{depth}{name}": float(mean[place])
        for name, mean in means.items()
        for place, depth in enumerate((1, DEPTH))
    }


def _rankings(engines: ProductionEngines, search: Search) -> dict[str, list[Ranking]]:
    asked = engines.embedder.embed(search.questions, role=Role.QUESTION)
    plain = engines.embedder.embed(search.questions, role=Role.QUERY)
    config = RetrieverConfig(top_k=DEPTH)
    retriever = Retriever(search.corpus, engines.embedder, None, config)
    ours = [
        tuple(passage.clause.id for passage in retriever.retrieve(text, query_vector=v).passages)
        for text, v in zip(search.questions, asked, strict=True)
    ]
    return {"": ours, "words": _words(search), "plain": _plain(search, plain)}


def _words(search: Search) -> list[Ranking]:
    index = _lexical(search)
    return [tuple(hit.id for hit in index.query(text, DEPTH)) for text in search.questions]


def _plain(search: Search, asked: FloatMatrix) -> list[Ranking]:
    """The obvious fusion: reciprocal ranks of cosines and of BM25, added up."""
    index, clauses = _lexical(search), search.corpus.clauses
    nearness = asked @ search.plain.T
    fused = [
        _reciprocal(row) + _reciprocal(index.scores(text))
        for row, text in zip(nearness, search.questions, strict=True)
    ]
    best = [np.argsort(-scores, kind="stable")[:DEPTH] for scores in fused]
    return [tuple(clauses[place].id for place in row) for row in best]


def _lexical(search: Search) -> Bm25Index:
    clauses = search.corpus.clauses
    return Bm25Index([c.id for c in clauses], [c.embedding_text for c in clauses])


def _reciprocal(scores: FloatVector) -> FloatVector:
    """1 / (60 + rank), ranks from one; what scores nothing counts nothing."""
    ranks = np.empty(len(scores), dtype=np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return np.asarray(np.where(scores > 0, 1 / (FUSION + ranks), 0.0), dtype=np.float32)
