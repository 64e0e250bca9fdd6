"""Who may answer: families of messages that only a person may, their harmless twins, and
messages that say too little."""

from __future__ import annotations

import drafting_samples as make
import pytest

from service.domain.base import Lang
from service.domain.draft import RefusalKind
from service.domain.taxonomy import Department
from service.domain.triage import Judgement, Label
from service.drafting.policy import Hold, category_of, hold_for, needs_rule


def held(text: str, category: str | None = "complaint") -> Hold:
    lang = Lang.EN if text.isascii() else Lang.ZH
    return hold_for(make.judgement(text, lang=lang, category=category)).hold


PERSONS = [
    # press
    ("我是城市晚报的，想请贵方对这次宕机作个回应，我们记者今晚截稿", "partner_offer"),
    (
        "Reporter with a tech weekly here. Would you comment on the outage before our deadline?",
        None,
    ),
    # sanctions
    ("我明明没违规，凭什么踢我出群，马上给我恢复", "appeal"),
    ("号被误封三天了，麻烦解封", "complaint"),
    ("I did nothing wrong. Unmute me.", "appeal"),
    ("your review of my ban was a joke, I want the final review", "complaint"),
    ("这一天的禁言我不认", "appeal"),
    ("My removal makes no sense at all", "appeal"),
    # moderators
    ("那个版主明摆着针对我，公报私仇", "complaint"),
    ("This admin is on a power trip and keeps singling me out", "complaint"),
    # money
    ("宕机害我丢了单子，误工费你们出", "complaint"),
    ("我知道过期了，就不能通融一下吗", "billing_refund"),
    ("I expect compensation for my lost work", "complaint"),
    ("Could you make an exception for me? I was in hospital", "billing_refund"),
    # contracts
    ("我们品牌想做一次联名，先发个报价吧", "partner_offer"),
    ("Send us your rate card for a sponsored campaign", "partner_offer"),
    # accounts
    ("我的号被盗了，密码被改", "account_access"),
    ("someone got into my account from a device I don't know", "account_access"),
    ("帮我查一下那笔钱到底到账没", "billing_refund"),
    ("can you check my order, it never arrived", "billing_refund"),
    # conduct
    ("加我日入五百", "spam_ad"),
    ("you are all morons", "abuse"),
]

LEGAL = [
    ("再不退钱就12315见", "billing_refund"),
    ("我已经找律师了，咱们法院见", "complaint"),
    ("You will hear from my lawyer", "complaint"),
    ("I'll take you to court over this", "billing_refund"),
]

FREE = [
    ("记者能不能用你们这个软件整理采访录音", "usage_question"),
    ("As a journalist I love the outline view", "praise"),
    ("被禁言了要去哪申诉", "rule_question"),
    ("How long does an appeal take?", "rule_question"),
    ("被禁言了要写什么，多久能有结果", "appeal"),
    ("How do I write an appeal?", "appeal"),
    ("谢谢你们上次破例帮我", "praise"),
    ("Thanks for making an exception for me", "praise"),
    ("禁言期间能看帖子吗", "rule_question"),
    ("What happens to my Pro plan if I get banned?", "rule_question"),
    ("服务中断有补偿的规定吗", "rule_question"),
    ("Is there anything in the rules about outages?", "rule_question"),
    ("插件收入的合同在哪里签，分成多少", "partner_offer"),
    ("How do I become a partner?", "partner_offer"),
    ("号会不会被盗？怎么防", "usage_question"),
    ("How do I prevent my account from being hacked", "usage_question"),
    ("我在写一本律师的小说，要告到法院见分晓，大纲模板有吗", "usage_question"),
    ("The court chapter of my novel is stuck: the lawsuit scene won't export", "bug_report"),
    ("付款记录在哪查", "usage_question"),
    ("where can I check my order history", "usage_question"),
    ("暗黑模式什么时候有", "feature_request"),
]


@pytest.mark.parametrize(("text", "category"), PERSONS)
def test_a_person_s_matters_wait_for_one(text: str, category: str | None) -> None:
    assert held(text, category) is Hold.HUMAN


@pytest.mark.parametrize(("text", "category"), LEGAL)
def test_threats_of_law_go_to_the_lawyers(text: str, category: str) -> None:
    assert held(text, category) is Hold.LEGAL


@pytest.mark.parametrize(("text", "category"), FREE)
def test_harmless_twins_are_answered(text: str, category: str) -> None:
    assert held(text, category) is Hold.NONE


VAGUE = [
    "又不行了！！",
    "出问题了，怎么办啊",
    "你们这个软件坏了",
    "救命，用不了了😭",
    "账号有问题",
    "扣错钱了",
    "It doesn’t work",
    "your app is broken again, please fix",
    "help",
    "something is wrong with my account",
    "I have a problem with the payment",
    "你们这什么破玩意，又卡住了",
    "what do I do now??",
]

CLEAR = [
    "同步又不行了",
    "导出坏了，怎么办",
    "小米14上打不开",
    "3.2版用不了",
    "扣错了12块",
    "昨晚起登不上",
    "The widget doesn't work",
    "Export is broken again",
    "stuck at 99%",
    "wrong language in the menu",
    "谢谢你们",
    "退款怎么弄",
    "会员怎么办",
    "help with a refund",
    "在吗",
    "hello there",
    "",
]


@pytest.mark.parametrize("text", VAGUE)
def test_a_message_with_nothing_to_act_on_is_asked_back(text: str) -> None:
    assert held(text, "bug_report") is Hold.UNCLEAR
    assert held(text, None) is Hold.UNCLEAR


@pytest.mark.parametrize("text", CLEAR)
def test_one_concrete_thing_is_enough(text: str) -> None:
    assert held(text, "bug_report") is Hold.NONE


def test_the_more_serious_hold_wins() -> None:
    text = "I will sue you, you banned me for no reason, help"
    assert held(text, "appeal") is Hold.LEGAL
    assert hold_for(make.judgement(text, severity=4)).hold is Hold.CRISIS
    legal = make.judgement("帮我查", department=Department.LEGAL)
    assert hold_for(legal).hold is Hold.LEGAL


def _abstained(confidence: float) -> Judgement:
    given = make.judgement("…", category=None)
    guess = (Label(category="praise", confidence=confidence),)
    return given.model_copy(update={"candidates": guess})


@pytest.mark.parametrize(
    ("confidence", "category", "rule"), [(0.39, None, True), (0.4, "praise", False)]
)
def test_a_fairly_sure_guess_stands_in(confidence: float, category: str | None, rule: bool) -> None:
    given = _abstained(confidence)
    assert category_of(given) == category
    assert needs_rule(category_of(given)) is rule


@pytest.mark.parametrize(
    ("text", "category", "kind", "asked"),
    [
        ("出问题了", "bug_report", RefusalKind.INSUFFICIENT_INFORMATION, "应用版本"),
        ("账号有问题", "account_access", RefusalKind.INSUFFICIENT_INFORMATION, "卡在登录的哪一步"),
        ("扣错钱了", "billing_refund", RefusalKind.INSUFFICIENT_INFORMATION, "什么时候扣的"),
        ("help", None, RefusalKind.INSUFFICIENT_INFORMATION, "which feature or step"),
        ("号被误封了，解封", "appeal", RefusalKind.NEEDS_HUMAN, "没有参与原处理的管理员"),
        ("unban me", "appeal", RefusalKind.NEEDS_HUMAN, "not involved"),
        ("就不能通融一下吗", "billing_refund", RefusalKind.NEEDS_HUMAN, "负责账单的同事"),
        ("see you in court", "complaint", RefusalKind.LEGAL_OR_CRISIS, "formally"),
    ],
)
async def test_the_reply_asks_or_says_who_will_look(
    text: str, category: str | None, kind: RefusalKind, asked: str
) -> None:
    lang = Lang.EN if text.isascii() else Lang.ZH
    context = make.context(text, lang=lang, category=category)
    got = await make.engine().compose(context, None)
    assert got.refusal is kind
    assert asked in got.text
    assert got.citations == ()
    assert make.engine().check(context, got) == ()
