"""Replays of changes on a community's own cases."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

previews = Table(
    "previews",
    metadata,
    key(),
    community(),
    text("kind"),
    text("name"),
    ref("scope", "communities.id", null=True),
    text("version"),
    text("candidate_hash"),
    text("baseline_hash"),
    text("in_force"),
    payload("window"),
    text("status"),
    Column("findings", JSONB(none_as_null=True), nullable=True),
    text("failure"),
    payload("trial"),
    text("requested_by"),
    moment("created_at"),
    moment("started_at", null=True),
    moment("finished_at", null=True),
    Index(None, "community", "created_at", "id"),
    Index(None, "community", "candidate_hash"),
    comment="replays of a change on stored cases; what is done or failed never changes",
)

preview_flips = Table(
    "preview_flips",
    metadata,
    ref("preview_id", "previews.id", primary=True),
    ref("case_id", "cases.id", primary=True),
    Column("weight", Integer, nullable=False),
    Column("kinds", ARRAY(SafeText), nullable=False),
    payload("before"),
    payload("after"),
    Index(None, "preview_id", "weight", "case_id"),
    comment="cases a change would decide otherwise; ids and verdicts, no text",
)
