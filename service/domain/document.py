"""Rule, FAQ and fact documents under version."""

from __future__ import annotations

from enum import StrEnum

from retrieval.types import DocumentKind
from service.domain.base import Frozen, Instant


class DocumentStatus(StrEnum):
    """Only live versions ground replies."""

    LIVE = "live"
    SUPERSEDED = "superseded"
    RETIRED = "retired"


class Document(Frozen):
    """One version of a document; `slug` is the same through all versions."""

    id: str
    community: str
    slug: str
    version: int
    title: str
    kind: DocumentKind
    lang: str
    status: DocumentStatus
    filename: str
    content_hash: str
    clause_count: int
    created_at: Instant
    created_by: str
