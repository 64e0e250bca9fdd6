"""What keeps a reply from one key: doubtful rules, doubtful claims, what a machine says of us."""

from __future__ import annotations

import drafting_samples as make
import post_samples as posts
import pytest

from retrieval.embedders.onnx_int8 import OnnxEmbedder
from service.domain.base import Lang
from service.domain.draft import Composition, DraftContext, Finding, Origin, Severity
from service.domain.support import Conflict, SentenceSupport, SupportKind, SupportLedger
from service.drafting.build import build_drafter, build_support
from service.drafting.checks.fit import SURE
from service.drafting.support.scorer import SupportScorer

RULE = "年卡在购买后 7 天内可以全额退款，退款后会员权益立即终止。"


@pytest.fixture(scope="module")
def scorer(onnx_embedder: OnnxEmbedder) -> SupportScorer:
    return build_support(onnx_embedder)


async def blocking(
    scorer: SupportScorer, given: DraftContext, said: Composition
) -> dict[str, Finding]:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    ledger = await drafter.support(given, said, None)
    found = drafter.check(given, said, ledger)
    return {one.check: one for one in found if one.severity is Severity.BLOCKING}


def context(lang: Lang = Lang.ZH, sure: float = 0.99) -> DraftContext:
    given = make.context("年卡能退吗", make.passage("3.1", RULE), lang=lang)
    return given.model_copy(update={"retrieval_confidence": sure})


def by(origin: Origin, text: str = RULE, *cited: str) -> Composition:
    said = make.written(text).model_dump()
    said |= {"origin": origin, "citations": [{"clause_id": one, "version": 4} for one in cited]}
    return Composition.model_validate(said)


@pytest.mark.parametrize(
    ("origin", "sure", "cited", "held"),
    [
        (Origin.MODEL, SURE, ["refunds#3.1"], False),
        (Origin.MODEL, SURE - 0.01, ["refunds#3.1"], True),
        (Origin.TEMPLATE, SURE - 0.01, ["refunds#3.1"], True),
        (Origin.TEMPLATE, SURE - 0.01, [], False),
        (Origin.REUSED, 0.1, ["refunds#3.1"], False),
        (Origin.PERSON, 0.1, ["refunds#3.1"], False),
    ],
)
async def test_a_rule_the_search_is_not_sure_of_is_looked_at(
    scorer: SupportScorer, origin: Origin, sure: float, cited: list[str], held: bool
) -> None:
    found = await blocking(scorer, context(sure=sure), by(origin, RULE, *cited))
    assert ("rule_doubtful" in found) is held


async def test_a_post_rests_on_its_brief_and_not_on_a_search(scorer: SupportScorer) -> None:
    kind = next(iter(posts.KINDS))
    given = posts.context(posts.brief(kind, Lang.ZH), next(iter(kind.lengths)))
    unsure = given.model_copy(update={"retrieval_confidence": 0.1})
    assert "rule_doubtful" not in await blocking(scorer, unsure, by(Origin.MODEL, RULE, "x#1"))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        (Lang.ZH, "谢谢，我已经把你的情况转给了同事。"),
        (Lang.ZH, "感谢建议，我们会在以后的更新里加上。"),
        (Lang.ZH, "你好，把验证码告诉我，我来帮你登录。"),
        (Lang.EN, "Thanks! I have passed this on to the team."),
        (Lang.EN, "I'm sorry, but I did not send the code."),
        (Lang.EN, "Thank you, we will do our best to provide it next time."),
        (Lang.EN, "Hello, if you give me the code I will send it to you."),
    ],
)
async def test_a_machine_says_nothing_of_us_that_no_source_says(
    scorer: SupportScorer, lang: Lang, text: str
) -> None:
    held = await blocking(scorer, context(lang), by(Origin.MODEL, text))
    assert held.keys() & {"own_act", "support"}
    free = await blocking(scorer, context(lang), by(Origin.PERSON, text))
    assert "own_act" not in free


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        (Lang.ZH, "谢谢你的反馈，我们很高兴听到这个消息。"),
        (Lang.ZH, "好的，我明白了，有问题欢迎告诉我们。"),
        (Lang.EN, "We're sorry to hear that, and I understand the worry."),
        (Lang.EN, "Thank you for asking; please let me know if anything is unclear."),
    ],
)
async def test_what_is_civil_to_say_stays(scorer: SupportScorer, lang: Lang, text: str) -> None:
    assert not await blocking(scorer, context(lang), by(Origin.MODEL, text))


async def test_an_unsure_claim_holds_a_machines_text_and_warns_of_a_persons(
    scorer: SupportScorer,
) -> None:
    text = "年卡买了没几天的话可以退。"
    unsure = SentenceSupport(start=0, end=len(text), kind=SupportKind.UNCERTAIN, score=0.5)
    ledger = SupportLedger(sentences=(unsure,), engine="1")
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    for origin, severity in ((Origin.MODEL, Severity.BLOCKING), (Origin.PERSON, Severity.WARNING)):
        found = drafter.check(context(), by(origin, text), ledger)
        assert [one.severity for one in found if one.check == "support"] == [severity]


async def test_one_courteous_part_makes_no_courtesy_of_the_rest(scorer: SupportScorer) -> None:
    text = "感谢你的反馈，会员权益在退款以后还能保留一年。"
    kinds = [one.kind for one in scorer.ledger(context(), text, strict=True).sentences]
    assert SupportKind.COURTESY not in kinds


@pytest.mark.parametrize("text", ["请写信到 [support_email]。", "Write to {contact}."])
async def test_a_blank_nobody_filled_in_is_blocked(scorer: SupportScorer, text: str) -> None:
    assert "placeholder" in await blocking(scorer, context(), by(Origin.MODEL, text))


TIERS = "「历史版本」可以恢复：免费版保留 7 天，Pro 保留 365 天。"
TIERS_EN = "Version history goes back 7 days on Free, 365 days on Pro."


@pytest.mark.parametrize(
    ("text", "lang", "wrong"),
    [
        ("免费版的历史版本保留 365 天。", Lang.ZH, True),
        ("Pro 会员的历史版本保留 7 天。", Lang.ZH, True),
        ("免费版的历史版本保留 7 天，Pro 保留 365 天。", Lang.ZH, False),
        ("On Free the version history goes back 365 days.", Lang.EN, True),
        ("On Pro the version history goes back 365 days.", Lang.EN, False),
    ],
)
def test_a_number_of_the_same_clause_belongs_to_what_it_is_said_of(
    scorer: SupportScorer, text: str, lang: Lang, wrong: bool
) -> None:
    doc, rule = ("refunds", TIERS) if lang is Lang.ZH else ("corner", TIERS_EN)
    clause = make.passage("2.2", rule, doc=doc)
    given = make.context("历史版本能看多久", clause, lang=lang)
    (one,) = scorer.ledger(given, text, strict=True).sentences
    assert (one.kind is SupportKind.UNSUPPORTED) is wrong
    assert (one.conflict is Conflict.NUMBER) is wrong
