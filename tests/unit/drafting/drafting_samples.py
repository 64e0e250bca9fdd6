"""Builders of contexts and judgements, and a redactor that knows Chinese mobile numbers only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

from retrieval.types import Clause, DocumentKind, Passage, Retrieval
from service.domain.base import Bilingual, Lang
from service.domain.case import Case, CaseText
from service.domain.community import Community
from service.domain.draft import Composition, DraftContext, Origin
from service.domain.taxonomy import Department
from service.domain.text import PiiSpan, Redacted
from service.domain.triage import (
    EngineVersions,
    Judgement,
    Label,
    Route,
    Sentiment,
    Signal,
    Urgency,
)
from service.drafting.build import build_drafter
from service.drafting.engine import DraftEngine
from service.ports.engines import ContextInput

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TITLES = {"refunds": "会员与退款规则", "corner": "English Corner Guidelines"}
DOUBLE = "同一账期被重复扣款的，由我们承担责任。核实后 3 个工作日内把多扣的金额原路退回。"
DOUBLE_EN = "If you were charged twice, the extra charge goes back within 3 working days."


class MobileRedactor:
    """Finds eleven-digit mobile numbers."""

    def redact(self, text: str) -> Redacted:
        spans = tuple(
            PiiSpan(kind="PHONE", start=m.start(), end=m.end(), token=f"[PHONE_{i}]")
            for i, m in enumerate(re.finditer(r"1[3-9]\d{9}", text), start=1)
        )
        return Redacted(text=re.sub(r"1[3-9]\d{9}", "[PHONE_1]", text), spans=spans)


@cache
def engine() -> DraftEngine:
    """One for all tests: an engine keeps nothing between drafts."""
    return build_drafter(MobileRedactor())


def passage(
    number: str = "3.2", text: str = DOUBLE, *, doc: str = "refunds", score: float = 0.9
) -> Passage:
    lang = "en" if doc == "corner" else "zh"
    clause = Clause(
        id=f"{doc}#{number}",
        document_id=doc,
        version=4,
        kind=DocumentKind.RULES,
        number=number,
        headings=(TITLES[doc],),
        text=text,
        lang=lang,
        content_hash="h",
    )
    return Passage(clause=clause, score=score, dense_score=score, lexical_score=None)


def retrieval(*passages: Passage, found: bool = True) -> Retrieval:
    return Retrieval(query="q", passages=passages, found=found, confidence=0.97)


def judgement(
    text: str = "我被扣了两次钱",
    *,
    lang: Lang = Lang.ZH,
    category: str | None = "billing_refund",
    severity: int = 2,
    department: Department = Department.SUPPORT,
    signals: tuple[Signal, ...] = (),
) -> Judgement:
    labels = (Label(category=category, confidence=0.9),) if category else ()
    return Judgement(
        lang=lang,
        redacted=Redacted(text=text),
        labels=labels,
        candidates=labels,
        abstained=not labels,
        sentiment=Sentiment.NEGATIVE,
        sentiment_confidence=0.8,
        toxicity=0.0,
        severity=severity,
        urgency=Urgency.NORMAL,
        route=Route(department=department, due_at=NOW, reply_due=True),
        signals=signals,
        evidence=(),
        versions=EngineVersions(taxonomy="1", heads="1", embedder="1", signals="1"),
    )


def community() -> Community:
    return Community(
        id="zhujian",
        name=Bilingual(zh="竹简笔记", en="Zhujian Notes"),
        tone=Bilingual(zh="像一位书店店员，温和、具体、不卖萌。", en="Calm and concrete."),
    )


def context_input(given: Judgement, found: Retrieval, instruction: str = "") -> ContextInput:
    case = Case(
        id="case_1",
        community="zhujian",
        author="m1",
        source="wechat",
        channel="wx-1",
        thread=None,
        opened_at=NOW,
        last_at=NOW,
        size=2,
    )
    return ContextInput(
        context_id="ctx_1",
        community=community(),
        case=CaseText(case=case, messages=()),
        judgement=given,
        retrieval=found,
        titles=TITLES,
        instruction=instruction,
        created_at=NOW,
    )


def context(
    text: str = "我被扣了两次钱",
    *passages: Passage,
    lang: Lang = Lang.ZH,
    category: str | None = "billing_refund",
    signals: tuple[Signal, ...] = (),
) -> DraftContext:
    """A reply's context over the passages given (clause 3.2 when none is)."""
    given = judgement(text, lang=lang, category=category, signals=signals)
    found = retrieval(*(passages or (passage(),)))
    return engine().reply_context(context_input(given, found))


def written(text: str, **changes: object) -> Composition:
    """A model's text without citations or refusal."""
    base = Composition(
        text=text,
        citations=(),
        refusal=None,
        refusal_reason="",
        origin=Origin.MODEL,
        model="m",
    )
    return base.model_copy(update=changes)
