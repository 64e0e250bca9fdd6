"""What was drawn to be judged by people, and from which days. No text: ids only."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, Table

from service.db.tables.base import community, key, metadata, moment, ref, text
from service.db.types import Moment

spot_checks = Table(
    "spot_checks",
    metadata,
    key("ref"),
    community(),
    text("about"),
    ref("draft_id", "drafts.id", null=True),
    ref("triage_id", "triages.id", null=True),
    ref("case_id", "cases.id"),
    text("lang"),
    moment("made_at"),
    moment("drawn_at"),
    Index(None, "community", "made_at"),
    Index(None, "case_id"),
    comment="appended; ids of what was drawn, no text",
)

spot_draws = Table(
    "spot_draws",
    metadata,
    ref("community", "communities.id", primary=True),
    key("about"),
    Column("since", Moment, primary_key=True),
    Column("made", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("share", Double, nullable=False),
    Column("most", Integer, nullable=False),
    moment("at"),
    comment="appended; a day that is here is not drawn from again",
)
