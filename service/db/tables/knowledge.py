"""Documents, clauses, vectors and themes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
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

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
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

theme_runs = Table(
    "theme_runs",
    metadata,
    key(),
    community(),
    Column("clustered", Integer, nullable=False),
    Column("unclustered", Integer, nullable=False),
    moment("created_at"),
    Index(None, "community", "created_at"),
)

themes = Table(
    "themes",
    metadata,
    ref("run_id", "theme_runs.id", primary=True),
    key(),
    community(),
    payload("name"),
    Column("keywords_zh", ARRAY(SafeText), nullable=False),
    Column("keywords_en", ARRAY(SafeText), nullable=False),
    Column("size", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    moment("first_at"),
    moment("last_at"),
    Column("growth", Double, nullable=False),
    moment("created_at"),
)

theme_members = Table(
    "theme_members",
    metadata,
    key("run_id"),
    key("theme_id"),
    ref("case_id", "cases.id", primary=True),
    Column("similarity", Double, nullable=False),
    ForeignKeyConstraint(["run_id", "theme_id"], ["themes.run_id", "themes.id"]),
    Index(None, "theme_id"),
)
