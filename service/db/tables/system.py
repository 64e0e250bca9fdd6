"""Accounts, audit, kept answers and why jobs failed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from service.db.tables.base import key, metadata, moment, ref, text
from service.db.types import SafeText

users = Table(
    "users",
    metadata,
    key(),
    text("name"),
    text("role"),
    text("lang"),
    text("password_hash"),
    Column("active", Boolean, nullable=False),
    moment("created_at"),
    UniqueConstraint("name"),
)

api_keys = Table(
    "api_keys",
    metadata,
    key(),
    text("name"),
    text("prefix"),
    text("secret_hash"),
    Column("scopes", ARRAY(SafeText), nullable=False),
    ref("community", "communities.id", null=True),
    moment("created_at"),
    moment("expires_at", null=True),
    moment("revoked_at", null=True),
    UniqueConstraint("prefix"),
)

login_tokens = Table(
    "login_tokens",
    metadata,
    key("token_hash"),
    ref("user_id", "users.id"),
    moment("expires_at"),
    moment("used_at", null=True),
)

idempotency = Table(
    "idempotency",
    metadata,
    key("actor"),
    key("key"),
    text("body_hash"),
    Column("status", Integer, nullable=False),
    text("body"),
    moment("at"),
    Index(None, "at"),
)

job_failures = Table(
    "job_failures",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    text("code"),
    moment("at"),
    comment="the error code of a dead job; the queue itself keeps none",
)

engine_versions = Table(
    "engine_versions",
    metadata,
    key("name"),
    text("version"),
    moment("at"),
    comment="what engines are built from; every process compares these with what it built",
)
