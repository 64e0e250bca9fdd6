"""Texts to be judged by people, and what they said. The view `standing_labels` holds the last
label of each rater on each item, unless it was taken back."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    desc,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.db.tables.base import community, key, metadata, moment, ref, text

label_items = Table(
    "label_items",
    metadata,
    key(),
    community(),
    text("rubric"),
    text("ref"),
    ref("draft_id", "drafts.id", null=True),
    ref("triage_id", "triages.id", null=True),
    Column("material", JSONB(none_as_null=True), nullable=True),
    text("lang"),
    Column("golden", Integer, nullable=True),
    Column("wanted", Integer, nullable=False),
    text("added_by"),
    moment("created_at"),
    text("claimed_by", null=True),
    moment("claimed_until", null=True),
    UniqueConstraint("community", "rubric", "ref", name="uq_label_items_ref"),
)

labels = Table(
    "labels",
    metadata,
    key(),
    ref("item_id", "label_items.id"),
    Column("rubric_version", Integer, nullable=False),
    text("rubric_hash"),
    text("rater"),
    text("by"),
    Column("value", Integer, nullable=True),
    text("note"),
    Column("undone", Boolean, nullable=False),
    moment("at"),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Index("ix_labels_standing", "item_id", "rater", "by", desc("seq")),
    Index("ix_labels_by", "by", desc("seq")),
    comment="appended; the last one of a rater on an item counts",
)
