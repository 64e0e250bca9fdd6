"""The bundled sample rules and FAQ, searched by the production parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.errors import StateInvalid
from retrieval.types import Clause, Retrieval, Role
from service import sample
from service.settings import Settings

if TYPE_CHECKING:
    from retrieval.ports import Embedder
    from retrieval.retriever import Retriever

SAMPLE = Path(sample.__file__).parent


class SampleRules:
    """The sample rules and FAQ, chunked, embedded and searched by the production parts.

    Vectors are searched directly, without the vector cache: the same neighbours, nothing stored.
    """

    def __init__(self, embedder: Embedder, settings: Settings, folder: Path | None = None) -> None:
        """Over the documents of `folder` in place of the sample's."""
        self._embedder, self._settings = embedder, settings
        self._paths = rule_paths(folder)

    @cached_property
    def _documents(self) -> tuple[tuple[str, tuple[Clause, ...]], ...]:
        return tuple(_documents(self._paths))

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Document id to title."""
        return {clauses[0].document_id: title for title, clauses in self._documents}

    @cached_property
    def retriever(self) -> Retriever:
        """Built on first use: embeds all clauses."""
        from retrieval.corpus import assemble
        from retrieval.retriever import Retriever

        clauses = [clause for _, found in self._documents for clause in found]
        texts = [clause.embedding_text for clause in clauses]
        corpus = assemble("sample", clauses, self._embedder.embed(texts, role=Role.CLAUSE))
        return Retriever(corpus, self._embedder, None, self._settings.retriever)

    def search(self, text: str) -> Retrieval:
        """Clauses for a redacted text. Blocking."""
        return self.retriever.retrieve(text)

    def versions(self) -> dict[str, str]:
        """Corpus version and embedder fingerprint."""
        from retrieval.corpus import corpus_version

        clauses = (clause for _, found in self._documents for clause in found)
        info = self._embedder.info
        return {"corpus": corpus_version(clauses), "embedder": f"{info.name} {info.fingerprint}"}


def sample_paths() -> list[Path]:
    """The documents of the sample community."""
    return sorted((*SAMPLE.glob("rules/*.md"), *SAMPLE.glob("faq/*.md")))


def _documents(paths: Sequence[Path]) -> Iterator[tuple[str, tuple[Clause, ...]]]:
    """Title and clauses of each document, under the ids the product gives them."""
    from retrieval.chunking import clauses_of
    from retrieval.corpus import meta_of
    from retrieval.documents import parse

    for path in paths:
        if path.suffix == ".json":
            yield _stored(path)
            continue
        parsed = parse(path.read_bytes(), path.name)
        meta = meta_of(parsed, path.name)
        yield (
            meta.title,
            clauses_of(parsed, slug=meta.slug, document_id=meta.slug, version=1, kind=meta.kind),
        )


class _Stored(BaseModel):
    """A document as the product keeps it: its title and clauses."""

    model_config = ConfigDict(extra="ignore")

    slug: str
    title: str
    clauses: tuple[Clause, ...] = Field(min_length=1)


def _stored(path: Path) -> tuple[str, tuple[Clause, ...]]:
    try:
        found = _Stored.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise StateInvalid(f"{path.name} holds no document's clauses.") from error
    return found.title, tuple(replace(one, document_id=found.slug) for one in found.clauses)


def rule_paths(folder: Path | None) -> list[Path]:
    """The documents of a folder; None: of the sample community."""
    if folder is None:
        return sample_paths()
    return sorted((*folder.glob("*.md"), *folder.glob("*.json")))


def sample_clauses() -> tuple[Clause, ...]:
    """All clauses of the sample community."""
    return clauses_at(None)


def clauses_at(folder: Path | None) -> tuple[Clause, ...]:
    """All clauses of a folder's documents; None: of the sample community."""
    return tuple(clause for _, found in _documents(rule_paths(folder)) for clause in found)
