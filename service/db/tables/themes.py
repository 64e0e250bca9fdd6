"""Lasting themes, what each run found of them, their descent, and the theme of each case."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, Table
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

theme_runs = Table(
    "theme_runs",
    metadata,
    key(),
    community(),
    Column("clustered", Integer, nullable=False),
    Column("unclustered", Integer, nullable=False),
    text("fingerprint"),
    Column("means", LargeBinary, nullable=False),
    moment("created_at"),
    Index(None, "community", "created_at"),
    comment="means: little-endian float32, three rows; fingerprint: whose vectors they are",
)

themes = Table(
    "themes",
    metadata,
    key(),
    community(),
    text("level"),
    ref("run_id", "theme_runs.id"),
    payload("name"),
    Column("story", JSONB(none_as_null=True), nullable=True),
    Column("given_name", JSONB(none_as_null=True), nullable=True),
    text("owner", null=True),
    text("status"),
    ref("parent_id", "themes.id", null=True),
    Column("keywords_zh", ARRAY(SafeText), nullable=False),
    Column("keywords_en", ARRAY(SafeText), nullable=False),
    Column("size", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    moment("first_at"),
    moment("last_at"),
    Column("growth", Double, nullable=False),
    moment("created_at"),
    ref("merged_into", "themes.id", null=True),
    moment("retired_at", null=True),
    Index(
        "ix_themes_living",
        "community",
        "level",
        sql("size DESC"),
        "id",
        postgresql_where=sql("retired_at IS NULL"),
    ),
)

theme_snapshots = Table(
    "theme_snapshots",
    metadata,
    ref("run_id", "theme_runs.id", primary=True),
    ref("theme_id", "themes.id", primary=True),
    Column("size", Integer, nullable=False),
    Column("authors", Integer, nullable=False),
    Column("growth", Double, nullable=False),
    Column("centre", LargeBinary, nullable=False),
    Column("reach", Double, nullable=False),
    Index(None, "theme_id"),
    comment="what one run found of a theme; centre: little-endian float32, unit length",
)

theme_links = Table(
    "theme_links",
    metadata,
    ref("from_theme", "themes.id", primary=True),
    ref("to_theme", "themes.id", primary=True),
    text("kind"),
    Column("share", Double, nullable=False),
    text("by", null=True),
    moment("at"),
    Index(None, "to_theme"),
    comment="descent, without circles",
)

theme_changes = Table(
    "theme_changes",
    metadata,
    key(),
    ref("theme_id", "themes.id"),
    text("by"),
    payload("change"),
    moment("at"),
    Index(None, "theme_id", "at"),
)

case_themes = Table(
    "case_themes",
    metadata,
    ref("case_id", "cases.id", primary=True),
    community(),
    ref("theme_id", "themes.id"),
    Column("similarity", Double, nullable=False),
    moment("assigned_at"),
    Index(None, "theme_id", "case_id"),
    Index(None, "community"),
    comment="the theme a case is in now; no row means none",
)
