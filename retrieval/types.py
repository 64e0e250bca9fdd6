"""Frozen values of the retrieval room."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatMatrix = NDArray[np.float32]
"""Row-wise L2-normalised vectors, shape (n, dim)."""

FloatVector = NDArray[np.float32]
"""One L2-normalised vector, shape (dim,)."""


class Role(StrEnum):
    """What a text is embedded for: E5-style models embed the two sides of a search differently.

    A question and a clause are a query and a passage whose rare words may weigh more, where the
    embedder can do that: vectors for the search of clauses, not to be mixed with the plain ones.
    """

    QUERY = "query"
    PASSAGE = "passage"
    QUESTION = "question"
    CLAUSE = "clause"

    @property
    def side(self) -> Role:
        """The side of a search, query or passage."""
        return {Role.QUESTION: Role.QUERY, Role.CLAUSE: Role.PASSAGE}.get(self, self)


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """Identity of the model that made a vector; vectors of different fingerprints never mix.

    `clauses` is the fingerprint of questions and clauses where they are embedded in another way.
    """

    name: str
    dim: int
    max_tokens: int
    fingerprint: str
    clauses: str = ""

    def of(self, role: Role) -> EmbedderInfo:
        """Return the identity of the vectors of one role."""
        if role is role.side or not self.clauses:
            return self
        return replace(self, fingerprint=self.clauses)


class DocumentKind(StrEnum):
    """What a document is for: rules bind, FAQ entries answer, facts inform."""

    RULES = "rules"
    FAQ = "faq"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Clause:
    """One citable piece of a document version.

    `id` is stable across versions while its number and document stay: `<document slug>#<number>`.
    `content_hash` is the SHA-256 (hex) of heading path and text; it decides what is re-embedded.
    """

    id: str
    document_id: str
    version: int
    kind: DocumentKind
    number: str
    headings: tuple[str, ...]
    text: str
    lang: str
    content_hash: str
    position: int = 0

    @property
    def embedding_text(self) -> str:
        """Heading path and text, the form that is embedded and indexed."""
        return "\n".join((" / ".join(self.headings), self.text)).strip()


@dataclass(frozen=True, slots=True)
class Hit:
    """One neighbour: the id stored in an index and its similarity (higher is nearer)."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause found for a query, with the fused score and the two scores behind it."""

    clause: Clause
    score: float
    dense_score: float | None
    lexical_score: float | None


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Answer to one query. `found` is False when no passage passes the calibrated threshold.

    `confidence` is the calibrated probability (0..1) that the best passage answers the query.
    """

    query: str
    passages: tuple[Passage, ...]
    found: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """All live clauses of one community with their vectors; `version` changes with any of them."""

    community: str
    version: str
    clauses: tuple[Clause, ...]
    vectors: FloatMatrix = field(repr=False)
