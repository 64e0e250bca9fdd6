"""A draft's sentences beside its clauses, with the real embedder and without any."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import drafting_samples as make
import post_samples as posts
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.onnx_int8 import OnnxEmbedder
from retrieval.errors import EmbedderUnavailable
from retrieval.types import EmbedderInfo, FloatMatrix, Role
from service.domain.base import Lang
from service.domain.draft import DraftContext, Fact, Origin, Severity
from service.domain.support import Conflict, SupportKind
from service.drafting.build import build_drafter, build_support
from service.drafting.support.head import shipped
from service.drafting.support.scorer import UNMEASURED, SupportScorer

RULE = (
    "年卡在购买后 7 天内可以全额退款，退款后会员权益立即终止。通过应用商店付款的，由应用商店退款。"
)
WORDS_ALONE = build_support(None)
OTHER = "Photos entered in the contest must be your own work."


@pytest.fixture(scope="module")
def scorer(onnx_embedder: OnnxEmbedder) -> SupportScorer:
    return build_support(onnx_embedder)


def context(lang: Lang = Lang.ZH) -> DraftContext:
    return make.context(
        "年卡能退吗",
        make.passage("3.1", RULE),
        make.passage("2.2", OTHER, doc="corner", score=0.7),
        lang=lang,
    )


def kinds(scorer: SupportScorer, text: str, lang: Lang = Lang.ZH) -> list[SupportKind]:
    return [one.kind for one in scorer.ledger(context(lang), text).sentences]


@pytest.mark.parametrize(
    "text", ["年卡买了 7 天以内可以全额退。", "应用商店付的钱，由应用商店来退。"]
)
def test_a_clause_in_other_words_supports(scorer: SupportScorer, text: str) -> None:
    (one,) = scorer.ledger(context(), text).sentences
    assert (one.kind, one.source) == (SupportKind.SUPPORTED, "refunds#3.1")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("你的年卡买了超过 7 天，所以可以全额退款。", Lang.ZH),
        ("The annual plan can be refunded in full more than 7 days after purchase.", Lang.EN),
    ],
)
def test_the_other_side_of_a_limit_is_not_supported(
    scorer: SupportScorer, text: str, lang: Lang
) -> None:
    assert kinds(scorer, text, lang) == [SupportKind.UNSUPPORTED]


def test_a_clause_of_the_other_language_supports(scorer: SupportScorer) -> None:
    text = "The annual plan can be refunded in full within 7 days of purchase."
    assert kinds(scorer, text, Lang.EN) == [SupportKind.SUPPORTED]


@pytest.mark.parametrize(
    ("text", "conflict"),
    [
        ("年卡在购买后 30 天内可以全额退款。", Conflict.NUMBER),
        ("年卡在购买后 7 天内也不可以退款。", Conflict.POLARITY),
        ("退款的时候会另外送你三张优惠券。", Conflict.NUMBER),
    ],
)
def test_what_the_clause_does_not_say_is_unsupported(
    scorer: SupportScorer, text: str, conflict: Conflict
) -> None:
    (one,) = scorer.ledger(context(), text).sentences
    assert (one.kind, one.conflict) == (SupportKind.UNSUPPORTED, conflict)


def test_courtesy_needs_no_clause(scorer: SupportScorer) -> None:
    text = "你好，看到了。这样的结果确实让人难受！\n你是在哪里买的呢？"
    assert kinds(scorer, text) == [SupportKind.COURTESY] * 3


def test_a_claim_without_any_source_is_unsupported(scorer: SupportScorer) -> None:
    bare = context().model_copy(update={"passages": ()})
    (one,) = scorer.ledger(bare, "年卡在购买后 7 天内可以全额退款。").sentences
    assert (one.kind, one.source) == (SupportKind.UNSUPPORTED, None)


def test_what_a_member_says_supports_nothing(scorer: SupportScorer) -> None:
    said = "规则说任何时候都可以全额退款并且赔偿双倍"
    bare = make.context(said, make.passage("3.1", RULE))
    (one,) = scorer.ledger(bare, f"{said}。").sentences
    assert one.kind is SupportKind.UNSUPPORTED


def test_a_reviewers_instruction_does(scorer: SupportScorer) -> None:
    told = context().model_copy(update={"instruction": "退款今天已经发出。"})
    (one,) = scorer.ledger(told, "退款今天已经发出。").sentences
    assert (one.kind, one.source) == (SupportKind.SUPPORTED, "instruction")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("我们会在下个版本里加上这个功能。", Lang.ZH),
        ("感谢你的建议，我们会尽快给你答复。", Lang.ZH),
        ("Thank you, we will fix this for you soon.", Lang.EN),
        ("Our team is currently working on a better solution.", Lang.EN),
    ],
)
def test_a_models_promise_that_no_clause_gives_is_unsupported(
    scorer: SupportScorer, text: str, lang: Lang
) -> None:
    (one,) = scorer.ledger(context(lang), text, strict=True).sentences
    assert (one.kind, one.conflict) == (SupportKind.UNSUPPORTED, Conflict.PROMISE)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("谢谢你的建议，我们看到了。", Lang.ZH),
        ("负责的同事会看你这条消息再回复。", Lang.ZH),
        ("Thanks, we will pass your idea on.", Lang.EN),
        ("We are happy to hear that!", Lang.EN),
    ],
)
def test_handing_on_without_a_time_is_no_promise(
    scorer: SupportScorer, text: str, lang: Lang
) -> None:
    (one,) = scorer.ledger(context(lang), text, strict=True).sentences
    assert one.kind is SupportKind.COURTESY


@pytest.mark.parametrize(
    "text",
    [
        "为了让你的婚礼顺利，年卡在购买后 7 天内可以全额退款。",
        "年卡可以全额退款，退款后会员权益立即终止。",
    ],
)
def test_a_model_applies_a_rule_as_it_stands_or_a_person_looks(
    scorer: SupportScorer, text: str
) -> None:
    (one,) = scorer.ledger(context(), text, strict=True).sentences
    assert one.kind in (SupportKind.UNCERTAIN, SupportKind.UNSUPPORTED)


def test_a_model_may_tell_a_clause_nearly_in_its_words(scorer: SupportScorer) -> None:
    text = "按照规定，年卡在购买后 7 天内都可以全额退款，退款后会员权益会立即终止。"
    (one,) = scorer.ledger(context(), text, strict=True).sentences
    assert one.kind is SupportKind.SUPPORTED


async def test_what_is_uncertain_blocks_only_while_it_is_the_models(scorer: SupportScorer) -> None:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    said = make.written("年卡可以全额退款。")
    ledger = await drafter.support(context(), said, None)
    assert [one.kind for one in ledger.sentences] == [SupportKind.UNCERTAIN]
    for origin, severity in ((Origin.MODEL, Severity.BLOCKING), (Origin.PERSON, Severity.WARNING)):
        text = said.model_copy(update={"origin": origin})
        found = {f.check: f.severity for f in drafter.check(context(), text, ledger)}
        assert found["support"] is severity


async def test_findings_name_the_clause_and_the_place(scorer: SupportScorer) -> None:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    text = "你好。年卡在购买后 30 天内可以全额退款。"
    ledger = await drafter.support(context(), make.written(text), None)
    found = {f.message_key: f for f in drafter.check(context(), make.written(text), ledger)}
    wrong = found["finding.claim_number"]
    assert wrong.severity is Severity.BLOCKING
    assert text[wrong.start : wrong.end] == "年卡在购买后 30 天内可以全额退款。"
    assert wrong.detail == "会员与退款规则 3.1"


async def test_a_cited_clause_that_carries_nothing_is_remarked(scorer: SupportScorer) -> None:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    cited = [{"clause_id": "corner#2.2", "version": 4}, {"clause_id": "refunds#3.1", "version": 4}]
    said = make.written("年卡在购买后 7 天内可以全额退款。")
    said = type(said).model_validate(said.model_dump() | {"citations": cited})
    ledger = await drafter.support(context(), said, None)
    idle = [f for f in drafter.check(context(), said, ledger) if f.check == "citation_idle"]
    assert [(f.severity, f.detail) for f in idle] == [
        (Severity.INFO, "English Corner Guidelines 2.2")
    ]


class Away:
    """An embedder that cannot answer."""

    info = EmbedderInfo("away", 384, 512, shipped().embedder)

    def embed(self, texts: object, *, role: Role) -> FloatMatrix:
        raise EmbedderUnavailable("away")


class Counting:
    """An embedder that remembers what it was asked."""

    def __init__(self, inner: OnnxEmbedder) -> None:
        self._inner, self.info = inner, inner.info
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], *, role: Role) -> FloatMatrix:
        self.asked += texts
        return self._inner.embed(texts, role=role)


def test_a_prepared_context_leaves_only_the_text_to_embed(
    scorer: SupportScorer, onnx_embedder: OnnxEmbedder
) -> None:
    text, counting = "年卡买了 7 天以内可以全额退。", Counting(onnx_embedder)
    prepared = build_support(counting)
    prepared.prepare(context())
    assert set(counting.asked) > {OTHER}
    counting.asked.clear()
    assert prepared.ledger(context(), text) == scorer.ledger(context(), text)
    assert counting.asked
    assert all(asked in text for asked in counting.asked)


def test_what_cannot_be_prepared_is_said_by_the_ledger() -> None:
    away = build_support(Away())
    away.prepare(context())
    assert away.ledger(context(), "年卡买了 7 天以内可以全额退。").engine == UNMEASURED


@pytest.mark.parametrize("embedder", [None, Away(), HashingEmbedder()])
def test_without_vectors_quotations_stand_and_the_rest_is_looked_at(
    embedder: Away | HashingEmbedder | None,
) -> None:
    text = f"谢谢你。{RULE}年卡七天内退款没有问题。年卡 30 天内都能退款。"
    ledger = build_support(embedder).ledger(context(), text)
    assert ledger.engine == UNMEASURED
    assert [one.kind for one in ledger.sentences] == [
        SupportKind.COURTESY,
        SupportKind.SUPPORTED,
        SupportKind.SUPPORTED,
        SupportKind.UNCERTAIN,
        SupportKind.UNSUPPORTED,
    ]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_every_sentence_has_one_entry_in_order(text: str) -> None:
    sentences = WORDS_ALONE.ledger(context(), text).sentences
    assert all(0 <= one.start < one.end <= len(text) for one in sentences)
    assert all(a.end <= b.start for a, b in itertools.pairwise(sentences))


async def test_every_template_reply_passes(scorer: SupportScorer) -> None:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    for category in ("billing_refund", "praise", "bug_report", "appeal", None):
        for lang in Lang:
            given = make.context("x", make.passage(), lang=lang, category=category)
            composed = await drafter.compose(given, None)
            ledger = await drafter.support(given, composed, None)
            assert not ledger.of_kind(SupportKind.UNSUPPORTED)
            assert not ledger.of_kind(SupportKind.UNCERTAIN)


@pytest.mark.parametrize("lang", list(Lang))
async def test_every_template_post_passes(scorer: SupportScorer, lang: Lang) -> None:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    for kind in posts.KINDS:
        for form in kind.lengths:
            given = posts.context(posts.brief(kind, lang), form)
            composed = await drafter.compose(given, None)
            ledger = await drafter.support(given, composed, None)
            for one in ledger.sentences:
                said = composed.text[one.start : one.end]
                assert one.kind in (SupportKind.SUPPORTED, SupportKind.COURTESY), said


def test_figures_told_in_their_facts_words_are_supported(scorer: SupportScorer) -> None:
    facts = (
        Fact(id="a.messages", label="消息数", value="199 条", source="count"),
        Fact(id="a.messages.before", label="上一期消息数", value="107 条", source="count"),
    )
    kind = posts.KINDS.get("weekly_report")
    post = posts.context(posts.brief(kind, Lang.ZH)).model_copy(update={"facts": facts})
    told, other = "本周消息数为199条，上一期消息数为107条。", "本周到场的人数为199条，氛围热烈。"
    found = scorer.ledger(post, told, strict=True).sentences
    assert [(one.kind, one.source) for one in found] == [(SupportKind.SUPPORTED, "fact:a.messages")]
    assert scorer.ledger(post, other, strict=True).sentences[0].kind is not SupportKind.SUPPORTED
