"""What a community asks of every text: its voice, its links, how it speaks of machines."""

from __future__ import annotations

import drafting_samples as make
import pytest

from service.domain.base import Bilingual, Lang
from service.domain.draft import DraftContext, Finding, Severity

NOTE = "本回复由 AI 语言模型起草，经管理员审核。"
NOTE_EN = "Drafted by a language model, approved by a moderator."


def context(lang: Lang = Lang.ZH, *, tone: str = "", **changes: object) -> DraftContext:
    given = make.context_input(make.judgement(lang=lang), make.retrieval(make.passage()))
    voice = {"tone": Bilingual(zh=tone, en=tone)} if tone else {}
    community = given.community.model_copy(update={**voice, **changes})
    return make.engine().reply_context(given._replace(community=community))


def findings(text: str, given: DraftContext) -> dict[str, Finding]:
    found = make.engine().check(given, make.written(text))
    return {finding.message_key.removeprefix("finding."): finding for finding in found}


def disclosing(lang: Lang = Lang.ZH) -> DraftContext:
    return context(lang, ai_disclosure=Bilingual(zh=NOTE, en=NOTE_EN))


@pytest.mark.parametrize(("lang", "note"), [(Lang.ZH, NOTE), (Lang.EN, NOTE_EN)])
async def test_the_disclosure_ends_every_text(lang: Lang, note: str) -> None:
    given = disclosing(lang)
    composed = await make.engine().compose(given, None)
    assert composed.text.endswith(f"\n\n{note}")
    assert make.engine().check(given, composed) == ()
    ledger = await make.engine().support(given, composed, None)
    assert ledger.sentences[-1].kind == "courtesy"


def test_a_text_without_it_is_remarked_on() -> None:
    text = "你好，你说的重复扣款看到了。"
    assert findings(text, disclosing())["undisclosed"].severity is Severity.WARNING
    assert "undisclosed" not in findings(f"{text}\n{NOTE}", disclosing())
    assert "undisclosed" not in findings(text, context())


def test_contexts_frozen_before_ask_for_nothing() -> None:
    old = disclosing().model_copy(update={"parameters": make.context().parameters})
    assert "undisclosed" not in findings("你好，你说的重复扣款看到了。", old)


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://help.acme.com/refunds", None),
        ("https://acme.com:8443/a", None),
        ("team@acme.com", None),
        ("https://notacme.com/x", "unknown_link"),
        ("https://acme.com.evil.top/x", "unknown_link"),
        ("https://acme.com@evil.top/x", "unknown_link"),
        ("https://shown.example.org/x", "foreign_link"),
    ],
)
def test_links_stay_on_the_communitys_sites(link: str, key: str | None) -> None:
    given = context(link_allow=frozenset({"acme.com"}), tone="见 https://x.top")
    clause = given.passages[0].model_copy(update={"text": "见 https://shown.example.org/x 的说明"})
    given = given.model_copy(update={"passages": (clause,)})
    text = f"请看 {link} 了解一下。"
    found = findings(text, given)
    assert {"unknown_link", "foreign_link"} & set(found) == ({key} if key else set())
    if key:
        assert text[found[key].start : found[key].end] == link


@pytest.mark.parametrize(
    ("text", "rude"),
    [
        ("这是你自找的，我们帮不了。", True),
        ("This is your own fault, sorry to say.", True),
        ("请滚动到页面底部看一下。", False),
        ("We keep calm and look into it for you.", False),
    ],
)
def test_rude_words_warn(text: str, rude: bool) -> None:
    given = context(Lang.EN if text.isascii() else Lang.ZH)
    assert ("rude" in findings(text, given)) is rude


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("亲，这边帮你看一下哦。", True),
        ("宝子们好，看到了。", True),
        ("管理员会亲自看一下的。", False),
        ("您好，我们看到了。", False),
    ],
)
def test_words_the_voice_rules_out_warn(text: str, off: bool) -> None:
    given = context(tone="温和、具体。称呼用“你”，不用“亲”“宝子”。")
    assert ("off_voice" in findings(text, given)) is off


def test_a_voice_may_ask_for_the_polite_form() -> None:
    given = context(tone="称呼用“您”，语气正式。")
    assert "off_voice" in findings("你好，我们看到了这件事。", given)
    assert "off_voice" not in findings("您好，我们看到了这件事。", given)


def test_an_english_voice_rules_words_out_too() -> None:
    given = context(Lang.EN, tone="Warm. Never say “folks” or “guys”.")
    assert "off_voice" in findings("Hi guys, we are looking into it.", given)
    assert "off_voice" not in findings("Hi there, we are looking into it.", given)


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("我们会给对方封号，请放心。", Severity.BLOCKING),
        ("管理员已经帮你解封了，可以进来看看。", Severity.BLOCKING),
        ("We will unban your account right away.", Severity.BLOCKING),
        ("We have sent you a voucher for it.", Severity.BLOCKING),
        ("对方的账号多半要被封号。", Severity.WARNING),
        ("这件事周五之前就会有结果。", Severity.WARNING),
        ("You will hear from us by Friday.", Severity.WARNING),
        ("We will not unban anybody here.", None),
    ],
)
def test_what_we_say_we_do_needs_ground(text: str, severity: Severity | None) -> None:
    found = findings(text, context(Lang.EN if text.isascii() else Lang.ZH))
    promise = found.get("unsupported_promise")
    assert (promise.severity if promise else None) is severity
