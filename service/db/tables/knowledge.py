"""Documents, clauses and vectors."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY

from service.db.tables.base import community, key, metadata, moment, ref, text
from service.db.types import SafeText

documents = Table(
    "documents",
    metadata,
    key(),
    community(),
    text("slug"),
    Column("version", Integer, nullable=False),
    text("title"),
    text("kind"),
    text("lang"),
    text("status"),
    text("filename"),
    text("content_hash"),
    Column("clause_count", Integer, nullable=False),
    moment("created_at"),
    text("created_by"),
    UniqueConstraint("community", "slug", "version"),
    Index(
        "uq_documents_live",
        "community",
        "slug",
        unique=True,
        postgresql_where=sql("status = 'live'"),
    ),
)

clauses = Table(
    "clauses",
    metadata,
    ref("document_id", "documents.id", primary=True),
    key(),
    Column("version", Integer, nullable=False),
    text("kind"),
    text("number"),
    Column("headings", ARRAY(SafeText), nullable=False),
    text("text"),
    text("lang"),
    text("content_hash"),
    Column("position", Integer, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    ref("community", "communities.id", primary=True),
    key("kind"),
    key(),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    text("fingerprint"),
    text("content_hash"),
    Column("vector", LargeBinary, nullable=False),
    Index(None, "community", "kind", "seq"),
    Index(None, "fingerprint"),
    comment="little-endian float32, L2-normalised; the index is rebuilt from here",
)
