"""Prompt versions, who moved a label, and which share of the cases gets the candidate."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from service.db.tables.base import key, metadata, moment, payload, ref, text

prompt_versions = Table(
    "prompt_versions",
    metadata,
    key(),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    text("template"),
    Column("number", Integer, nullable=False),
    text("hash"),
    text("text"),
    payload("partials"),
    text("note"),
    text("origin"),
    text("created_by"),
    moment("created_at"),
    UniqueConstraint("template", "number"),
    UniqueConstraint("hash"),
)

prompt_moves = Table(
    "prompt_moves",
    metadata,
    key(),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    text("template"),
    ref("community", "communities.id", null=True),
    text("label"),
    Column("version", Integer, nullable=True),
    Column("previous", Integer, nullable=True),
    text("kind"),
    text("reason"),
    text("by"),
    moment("at"),
    ForeignKeyConstraint(
        ["template", "version"], ["prompt_versions.template", "prompt_versions.number"]
    ),
    Index(None, "template", "community", "at", "id"),
)

prompt_splits = Table(
    "prompt_splits",
    metadata,
    key(),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    text("template"),
    ref("community", "communities.id", null=True),
    Column("percent", SmallInteger, nullable=False),
    text("reason"),
    text("by"),
    moment("at"),
    Index(None, "template", "community", "at", "id"),
)
