"""What a reviewer struck out must not return; what they kept stays cited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.domain.base import Lang
from service.domain.draft import (
    Citation,
    Composition,
    ContextPassage,
    DraftContext,
    DraftKind,
    Origin,
    RefusalKind,
    TemplateRef,
)
from service.domain.review import RejectReason
from service.domain.sample import DraftWanted, RetrievalWanted
from service.domain.support import SentenceSupport, SupportKind, SupportLedger
from service.domain.text import Redacted
from service.drafting.struck import (
    Seen,
    refused_sentences,
    reply_wanted,
    retrieval_wanted,
    struck,
)
from service.triage.redaction import RuleRedactor

REDACTOR = RuleRedactor()
UNSURE = SupportKind.UNCERTAIN
CLAUSE = "会员购买后七天内、使用不超过三次的，可以申请全额退款。"


def context(*clauses: str) -> DraftContext:
    passages = tuple(
        ContextPassage(
            clause_id=f"rules#{number}", document_id="d", document_title="规则", version=1,
            number=str(number), headings=(), text=text, lang="zh", score=0.9,
        )
        for number, text in enumerate(clauses or (CLAUSE,), start=1)
    )  # fmt: skip
    return DraftContext(
        id="ctx", community="acme", kind=DraftKind.REPLY, case_id="c", post_request_id=None,
        case_size=1, lang=Lang.ZH, category="billing_refund", member_text=Redacted(text="能退吗"),
        passages=passages, rule_found=True, retrieval_confidence=0.9,
        template=TemplateRef(id="t", version=1, hash="h"),
        created_at=datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip


def composed(text: str, *cited: str, refusal: RefusalKind | None = None) -> Composition:
    return Composition(
        text=text, citations=tuple(Citation(clause_id=one, version=1) for one in cited),
        refusal=refusal, refusal_reason="", origin=Origin.MODEL, model="m",
    )  # fmt: skip


def seen(
    before: str,
    after: str,
    *cited: str,
    rests_on: tuple[str, ...] = (),
    surely: SupportKind = SupportKind.SUPPORTED,
    refusal: RefusalKind | None = None,
    drafted: SupportLedger | None = None,
) -> Seen:
    sentences = (SentenceSupport(start=0, end=1, kind=surely, source=one) for one in rests_on)
    ground = context(CLAUSE, "活动报名后不能转让。")
    composition = composed(before, *cited, refusal=refusal)
    return Seen(
        ground,
        composition,
        drafted or SupportLedger(),
        after,
        SupportLedger(sentences=tuple(sentences)),
    )


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ("您好。我们会再送您一个月会员。请放心。", "您好。请放心。", ["我们会再送您一个月会员"]),
        ("谢谢您的耐心等待！", "多谢您的耐心等待！", []),
        ("会在七天之内退回原账户。", "会在十四天之内退回原账户。", ["会在七天之内退回原账户"]),
        ("可以申请全额退款，我们马上处理。", "请稍候。", ["我们马上处理"]),
        ("好的。行。嗯。", "请稍候。", []),
        ("请打 13800001234 找小王处理。", "请稍候。", []),
        ("We will refund you today. Thank you.", "Thank you.", ["We will refund you today"]),
        ("我们会再送您会员。我们会再送您会员。", "", ["我们会再送您会员"]),
        ("这里有一段没有标点的很长的话" * 10, "请稍候。", []),
    ],
    ids=["cut", "reworded", "number", "clause", "short", "personal", "english", "twice", "long"],
)
def test_pieces_that_are_gone(before: str, after: str, gone: list[str]) -> None:
    assert list(struck([before], after, context(), REDACTOR)) == gone


def test_an_unchanged_reply_keeps_what_it_cites() -> None:
    wanted = reply_wanted(seen("可以退。", "可以退。", "rules#1", "rules#2"), REDACTOR)
    assert wanted == DraftWanted(cite=("rules#1", "rules#2"), reply_lang=Lang.ZH)


def test_an_edited_reply_keeps_what_it_still_rests_on() -> None:
    found = seen("可以退。也可以转让。", "可以退。", "rules#1", "rules#2", rests_on=("rules#1",))
    assert reply_wanted(found, REDACTOR) == DraftWanted(
        cite=("rules#1",), must_not_say=("也可以转让",), reply_lang=Lang.ZH
    )
    assert retrieval_wanted(found) == RetrievalWanted(clauses=("rules#1",))


def test_a_clause_stays_where_the_support_is_only_unsure() -> None:
    found = seen("可以退。", "能退的。", "rules#1", rests_on=("rules#1",), surely=UNSURE)
    assert reply_wanted(found, REDACTOR) == DraftWanted(cite=("rules#1",), reply_lang=Lang.ZH)
    fresh = seen("好的。", "不能转让。", rests_on=("rules#2",), surely=UNSURE)
    assert reply_wanted(fresh, REDACTOR) is None, "nobody cited it, and nobody is sure"


def test_clauses_stay_where_nothing_could_be_compared() -> None:
    bare = SentenceSupport(start=0, end=4, kind=UNSURE, score=0.5)
    found = seen("可以退。", "能退的。", "rules#1")
    found = found._replace(support=SupportLedger(sentences=(bare,), engine="unmeasured"))
    assert reply_wanted(found, REDACTOR) == DraftWanted(cite=("rules#1",), reply_lang=Lang.ZH)


def test_courtesy_that_went_is_not_forbidden() -> None:
    text = "非常感谢您的来信。明天就会到账。"
    support = ledger(text, SupportKind.COURTESY, SupportKind.UNSUPPORTED)
    found = seen(text, "请看规则。", "rules#1", rests_on=("rules#1",), drafted=support)
    wanted = reply_wanted(found, REDACTOR)
    assert wanted is not None
    assert wanted.must_not_say == ("明天就会到账",)


def test_an_answer_in_the_place_of_a_refusal_is_none() -> None:
    kept = seen("暂无规则。", "暂无规则。", refusal=RefusalKind.NO_RULE)
    assert reply_wanted(kept, REDACTOR) == DraftWanted(
        refusal=RefusalKind.NO_RULE, reply_lang=Lang.ZH
    )
    assert retrieval_wanted(kept) == RetrievalWanted(no_answer=True)
    answered = seen(
        "暂无规则。", "报名后不能转让。", refusal=RefusalKind.NO_RULE, rests_on=("rules#2",)
    )
    wanted = reply_wanted(answered, REDACTOR)
    assert wanted is not None
    assert (wanted.refusal, wanted.cite) == (None, ("rules#2",))


def test_a_refusal_for_another_reason_says_nothing_of_the_rules() -> None:
    kept = seen("请人工处理。", "请人工处理。", refusal=RefusalKind.NEEDS_HUMAN)
    assert retrieval_wanted(kept) is None


def test_courtesy_alone_expects_nothing() -> None:
    assert reply_wanted(seen("谢谢您的来信。", "谢谢您的来信。"), REDACTOR) is None


def ledger(text: str, *kinds: SupportKind) -> SupportLedger:
    half = text.index("。") + 1
    spans = ((0, half), (half, len(text)))
    return SupportLedger(
        sentences=tuple(
            SentenceSupport(start=a, end=b, kind=kind)
            for (a, b), kind in zip(spans, kinds, strict=True)
        )
    )


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        (RejectReason.WRONG, ["可以退款的。", "明天就到账。"]),
        (RejectReason.UNSUPPORTED, ["明天就到账。"]),
        (RejectReason.TONE, ["可以退款的。", "明天就到账。"]),
        (RejectReason.NO_REPLY_NEEDED, []),
        (RejectReason.ANSWERED_ELSEWHERE, []),
        (RejectReason.OTHER, []),
        (None, []),
    ],
)
def test_a_reason_says_what_it_is_against(reason: RejectReason | None, wrong: list[str]) -> None:
    text = "可以退款的。明天就到账。"
    support = ledger(text, SupportKind.SUPPORTED, SupportKind.UNSUPPORTED)
    assert list(refused_sentences(seen(text, text, "rules#1", drafted=support), reason)) == wrong
    refusal = seen(text, text, refusal=RefusalKind.NO_RULE, drafted=support)
    assert refused_sentences(refusal, reason) == ()


def test_nothing_of_a_rejected_draft_is_kept() -> None:
    text = "可以申请全额退款，明天就到账。"
    wanted = reply_wanted(seen(text, text, "rules#1"), REDACTOR, refused=(text,))
    assert wanted == DraftWanted(must_not_say=("明天就到账",), reply_lang=Lang.ZH), (
        "what the clause says may be said again"
    )
