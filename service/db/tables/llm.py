"""The ledger of model calls: what was asked, what it cost, what is set aside, what may be spent."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Double, Index, Integer, Table

from service.db.tables.base import community, key, metadata, moment, ref, text

llm_calls = Table(
    "llm_calls",
    metadata,
    key(),
    community(),
    text("feature"),
    text("provider"),
    text("model"),
    text("status"),
    Column("prompt_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Double, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    text("error", null=True),
    moment("at"),
    Index(None, "community", "at"),
    Index(None, "at"),
)

llm_spend = Table(
    "llm_spend",
    metadata,
    ref("community", "communities.id", primary=True),
    Column("day", Date, primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
    Index(None, "day"),
    comment="sums of llm_calls by day of UTC, so that a budget is checked without counting rows",
)

llm_reservations = Table(
    "llm_reservations",
    metadata,
    key(),
    community(),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
    moment("at"),
    Index(None, "at"),
    comment="estimates of calls under way; one whose process died stays, as it may have been paid",
)

llm_budgets = Table(
    "llm_budgets",
    metadata,
    ref("community", "communities.id", primary=True),
    Column("tokens_per_day", BigInteger),
    Column("tokens_per_month", BigInteger),
    Column("cost_per_day", Double),
    Column("cost_per_month", Double),
    text("set_by"),
    moment("set_at"),
    comment="limits a community gave itself, beside those of the settings",
)
