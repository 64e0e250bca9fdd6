"""Communities, cases, messages, triages, and the rows derived from them for reading."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    SmallInteger,
    Table,
    UnaryExpression,
    UniqueConstraint,
    desc,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.db.tables.base import community, key, metadata, moment, payload, ref, text
from service.db.types import SafeText

communities = Table(
    "communities",
    metadata,
    key(),
    payload("name"),
    text("default_lang"),
    text("timezone"),
    payload("tone"),
    text("delivery_url", null=True),
    text("alert_url", null=True),
    Column("staff", ARRAY(SafeText), nullable=False, server_default=sql("'{}'")),
    Column("partners", ARRAY(SafeText), nullable=False, server_default=sql("'{}'")),
    Column("ask_model", Boolean, nullable=False, server_default=sql("true")),
    Column("link_allow", ARRAY(SafeText), nullable=False, server_default=sql("'{}'")),
    Column(
        "ai_disclosure", JSONB, nullable=False, server_default=sql("""'{"en": "", "zh": ""}'""")
    ),
    Column("channels", JSONB, nullable=False, server_default=sql("'[]'")),
    text("feed_hash", null=True),
)

tallies = Table(
    "tallies",
    metadata,
    ref("community", "communities.id", primary=True),
    Column("messages", BigInteger, nullable=False, server_default="0"),
    Column("cases", BigInteger, nullable=False, server_default="0"),
    comment="kept by triggers: counting a million rows for every page header is too slow",
)

cases = Table(
    "cases",
    metadata,
    key(),
    community(),
    text("author"),
    text("source"),
    text("channel"),
    text("thread", null=True),
    moment("opened_at"),
    moment("last_at"),
    Column("size", Integer, nullable=False),
)
Index("ix_cases_opened", cases.c.community, cases.c.opened_at)
Index("ix_cases_place", cases.c.community, cases.c.author, cases.c.source, cases.c.channel,
      cases.c.last_at)  # fmt: skip

messages = Table(
    "messages",
    metadata,
    key(),
    community(),
    text("source"),
    text("external_id"),
    text("author"),
    text("text"),
    moment("sent_at"),
    moment("received_at"),
    text("channel"),
    text("thread", null=True),
    text("reply_to", null=True),
    ref("case_id", "cases.id"),
    UniqueConstraint("community", "source", "external_id"),
    Index(None, "case_id"),
    Index("ix_messages_time", "community", "sent_at"),
)

triages = Table(
    "triages",
    metadata,
    key(),
    ref("case_id", "cases.id"),
    community(),
    Column("case_size", Integer, nullable=False),
    text("engine"),
    payload("judgement"),
    Column("duplicate_of", JSONB(none_as_null=True), nullable=True),
    text("content_hash"),
    Column("standing", JSONB(none_as_null=True), nullable=True),
    moment("created_at"),
    UniqueConstraint("case_id", "case_size", "engine"),
    Index("ix_triages_hash", "community", "content_hash", "created_at", "case_id"),
    Index("ix_triages_made", "created_at", postgresql_using="brin"),
)

case_states = Table(
    "case_states",
    metadata,
    ref("case_id", "cases.id", primary=True),
    community(),
    text("author"),
    moment("last_at"),
    Column("size", Integer, nullable=False),
    Column("triaged_size", Integer, nullable=False, server_default="0"),
    Column("drafted_size", Integer, nullable=False, server_default="0"),
    Column("reply_due", Boolean, nullable=False, server_default=sql("false")),
    text("triage_id", null=True),
    text("category", null=True),
    text("guess", null=True),
    Column("confidence", Double, nullable=True),
    Column("severity", SmallInteger, nullable=True),
    text("sentiment", null=True),
    text("department", null=True),
    moment("due_at", null=True),
    text("duplicate_root", null=True),
    text("duplicate_of", null=True),
    text("duplicate_kind", null=True),
    text("excerpt", null=True),
    text("searchable", null=True),
    Column("grams", ARRAY(Integer), nullable=True),
    Column("by_person", ARRAY(SafeText), nullable=False, server_default=sql("'{}'")),
    Column("pressing", SmallInteger, nullable=False, server_default="0"),
    Column("sla", SmallInteger, nullable=False, server_default="0"),
    comment="what lists show of a case; derived from its facts",
)
_state = case_states.c
_newest: tuple[UnaryExpression[Any], ...] = (desc("last_at"), desc("case_id"))
Index("ix_case_states_newest", _state.community, *_newest)
Index("ix_case_states_category", _state.community, _state.category, *_newest,
      postgresql_where=_state.category.is_not(None))  # fmt: skip
Index("ix_case_states_department", _state.community, _state.department, *_newest,
      postgresql_where=_state.department.is_not(None))  # fmt: skip
Index("ix_case_states_severe", _state.community, *_newest,
      postgresql_where=_state.severity >= 3)  # fmt: skip
Index("ix_case_states_pending", _state.last_at,
      postgresql_where=_state.triaged_size < _state.size)  # fmt: skip
Index("ix_case_states_due", desc("severity"), _state.last_at,
      postgresql_where=sql("reply_due AND drafted_size < triaged_size"))  # fmt: skip
Index("ix_case_states_root", _state.duplicate_root, _state.author,
      postgresql_where=_state.duplicate_root.is_not(None))  # fmt: skip
Index("ix_case_states_groups", _state.community, desc("duplicate_root"),
      postgresql_where=_state.duplicate_root.is_not(None))  # fmt: skip
Index("ix_case_states_earlier", _state.duplicate_of,
      postgresql_where=_state.duplicate_of.is_not(None))  # fmt: skip
Index("ix_case_states_grams", _state.grams, postgresql_using="gin",
      postgresql_where=_state.grams.is_not(None))  # fmt: skip
Index("ix_case_states_sla", _state.due_at,
      postgresql_where=sql("reply_due AND sla < 2"))  # fmt: skip
Index("ix_case_states_late", _state.community, *_newest,
      postgresql_where=sql("sla IN (1, 2)"))  # fmt: skip

message_changes = Table(
    "message_changes",
    metadata,
    key(),
    community(),
    text("kind"),
    text("source"),
    text("author"),
    ref("message_id", "messages.id", null=True),
    ref("case_id", "cases.id", null=True),
    text("text", null=True),
    moment("at"),
    moment("received_at"),
)
Index("ix_message_changes_message", message_changes.c.message_id, message_changes.c.at,
      postgresql_where=sql("message_id IS NOT NULL"))  # fmt: skip
Index("ix_message_changes_author", message_changes.c.community, message_changes.c.source,
      message_changes.c.author, message_changes.c.at)  # fmt: skip
Index("ix_messages_reply_to", messages.c.community, messages.c.source, messages.c.reply_to,
      postgresql_where=sql("reply_to IS NOT NULL"))  # fmt: skip
Index("ix_messages_thread", messages.c.community, messages.c.source, messages.c.thread,
      messages.c.sent_at, postgresql_where=sql("thread IS NOT NULL"))  # fmt: skip

duplicate_links = Table(
    "duplicate_links",
    metadata,
    key(),
    community(),
    ref("first_id", "cases.id"),
    ref("second_id", "cases.id"),
    text("verdict"),
    text("by"),
    moment("at"),
    Index(None, "first_id"),
    Index(None, "second_id"),
    comment="what people say of two cases; the newest word on a pair is in force",
)
