"""Small whole facts for tests of the store: a community, its cases and what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from service.domain.base import Bilingual, Lang
from service.domain.case import Case
from service.domain.community import Community
from service.domain.delivery import OutboxEntry, OutboxStatus
from service.domain.draft import (
    Composition,
    Draft,
    DraftContext,
    DraftKind,
    Finding,
    Origin,
    Revision,
    Severity,
    TemplateRef,
    revision_hash,
)
from service.domain.message import Message
from service.domain.review import Decision, ReviewTask, TaskStatus, Verdict
from service.domain.taxonomy import Department
from service.domain.text import Redacted
from service.domain.triage import (
    DuplicateKind,
    DuplicateOf,
    EngineVersions,
    Judgement,
    Label,
    Route,
    Sentiment,
    Triage,
    Urgency,
)

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def community(id: str = "acme", **changes: Any) -> Community:
    return Community(id=id, name=Bilingual(zh="社群", en="Club"), **changes)


def case(id: str = "case_1", **changes: Any) -> Case:
    base = {
        "community": "acme",
        "author": "ann",
        "source": "qq",
        "channel": "main",
        "thread": None,
        "opened_at": NOW,
        "last_at": NOW,
        "size": 1,
    }
    return Case(**{**base, "id": id, **changes})


def message(id: str = "msg_1", **changes: Any) -> Message:
    base = {
        "community": "acme",
        "source": "qq",
        "external_id": id,
        "author": "ann",
        "text": "同步又失败了",
        "sent_at": NOW,
        "received_at": NOW,
        "channel": "main",
        "case_id": "case_1",
    }
    return Message(**{**base, "id": id, **changes})


def judgement(text: str = "同步又失败了", **changes: Any) -> Judgement:
    label = Label(category=changes.pop("category", "bug"), confidence=0.9)
    abstained = changes.pop("abstained", False)
    base = {
        "lang": Lang.ZH,
        "redacted": Redacted(text=text),
        "labels": () if abstained else (label,),
        "candidates": (label,),
        "abstained": abstained,
        "sentiment": Sentiment.NEGATIVE,
        "sentiment_confidence": 0.8,
        "toxicity": 0.0,
        "severity": 2,
        "urgency": Urgency.NORMAL,
        "route": Route(
            department=changes.pop("department", Department.PRODUCT),
            due_at=at(60),
            reply_due=changes.pop("reply_due", True),
        ),
        "signals": (),
        "evidence": (),
        "versions": EngineVersions(
            taxonomy="1", heads=changes.pop("heads", "1"), embedder="e", signals="1"
        ),
    }
    return Judgement(**{**base, **changes})


def triage(id: str = "tri_1", case_id: str = "case_1", **changes: Any) -> Triage:
    own = {name: changes.pop(name) for name in list(changes) if name in Triage.model_fields}
    if isinstance(earlier := own.get("duplicate_of"), str):
        own["duplicate_of"] = DuplicateOf(case_id=earlier, kind=DuplicateKind.EXACT, similarity=1.0)
    base = {
        "community": "acme",
        "case_size": 1,
        "judgement": judgement(**changes),
        "duplicate_of": None,
        "content_hash": "h1",
        "created_at": NOW,
    }
    return Triage(**{**base, "id": id, "case_id": case_id, **own})


def context(id: str = "ctx_1", **changes: Any) -> DraftContext:
    base = {
        "community": "acme",
        "kind": DraftKind.REPLY,
        "case_id": "case_1",
        "post_request_id": None,
        "case_size": 1,
        "lang": Lang.ZH,
        "category": "bug",
        "member_text": Redacted(text="同步又失败了"),
        "passages": (),
        "rule_found": False,
        "retrieval_confidence": 0.1,
        "template": TemplateRef(id="reply/zh", version=1, hash="t"),
        "created_at": NOW,
    }
    return DraftContext(**{**base, "id": id, **changes})


def draft(id: str = "dr_1", **changes: Any) -> Draft:
    base = {
        "community": "acme",
        "kind": DraftKind.REPLY,
        "context_id": "ctx_1",
        "case_id": "case_1",
        "post_request_id": None,
        "lang": Lang.ZH,
        "composition": Composition(
            text="已收到", citations=(), refusal=None, refusal_reason="",
            origin=Origin.TEMPLATE, model=None,
        ),
        "findings": (Finding(check="length", severity=Severity.BLOCKING, message_key="x"),),
        "supersedes": None,
        "created_at": NOW,
    }  # fmt: skip
    return Draft(**{**base, "id": id, **changes})


def revision(number: int = 1, text: str = "已收到") -> Revision:
    return Revision(
        number=number, text=text, hash=revision_hash(text), origin=Origin.TEMPLATE,
        author="system", created_at=NOW,
    )  # fmt: skip


def task(id: str = "task_1", **changes: Any) -> ReviewTask:
    base = {
        "community": "acme",
        "draft_id": "dr_1",
        "kind": DraftKind.REPLY,
        "case_id": "case_1",
        "status": TaskStatus.OPEN,
        "priority": 1.0,
        "created_at": NOW,
    }
    return ReviewTask(**{**base, "id": id, **changes})


def decision(id: str = "dec_1", **changes: Any) -> Decision:
    base = {
        "community": "acme",
        "task_id": "task_1",
        "draft_id": "dr_1",
        "verdict": Verdict.APPROVE,
        "reviewer": "rev",
        "revision_number": 1,
        "revision_hash": "r",
        "decided_at": NOW,
    }
    return Decision(**{**base, "id": id, **changes})


def entry(id: str = "out_1", **changes: Any) -> OutboxEntry:
    base = {
        "community": "acme",
        "decision_id": "dec_1",
        "kind": DraftKind.REPLY,
        "payload": {"text": "已收到"},
        "status": OutboxStatus.PENDING,
        "not_before": NOW,
        "next_attempt_at": NOW,
        "created_at": NOW,
    }
    return OutboxEntry(**{**base, "id": id, **changes})
