"""What a kind asks of its text is found missing, and what it forbids is found said."""

from __future__ import annotations

import drafting_samples as make
import post_samples as posts
import pytest

from service.domain.base import Lang
from service.domain.draft import DraftContext, Finding, Severity
from service.domain.post_kind import FieldType

RAFFLE = """旧笔记挑战抽奖
周六一起整理旧笔记的成员都可以参加，先挑三篇再写下心得，然后发到打卡帖里。
2026年12月6日（周日）20:00 截止。奖品见下：先挑三篇再写下心得，然后发到打卡帖里。
怎么抽：先挑三篇再写下心得，然后发到打卡帖里。完整规则：周六一起整理旧笔记。"""


def findings(text: str, context: DraftContext) -> list[Finding]:
    return list(posts.ENGINE.check(context, make.written(text)))


def missing(text: str, context: DraftContext) -> set[str]:
    return {one.detail for one in findings(text, context) if one.check == "missing_part"}


@pytest.fixture(scope="module")
def raffle() -> DraftContext:
    return posts.context(posts.brief(posts.KINDS.get("incentive"), Lang.ZH))


def test_a_complete_raffle_misses_nothing(raffle: DraftContext) -> None:
    assert missing(RAFFLE, raffle) == set()


def test_a_raffle_without_its_deadline_cannot_be_approved_with_one_key(
    raffle: DraftContext,
) -> None:
    found = findings(RAFFLE.replace("12月6日", "下周日"), raffle)
    late = {one.detail: one.severity for one in found if one.check == "missing_part"}
    assert late == {"截止时间": Severity.BLOCKING, "公布结果的时间": Severity.BLOCKING}


def test_every_part_left_out_is_named(raffle: DraftContext) -> None:
    assert missing("旧笔记挑战，欢迎大家。", raffle) == {
        part.title.zh for part in posts.KINDS.get("incentive").parts
    }


@pytest.mark.parametrize(
    ("said", "ok"),
    [
        ("12月6日晚上8点", True),
        ("2026-12-06 20:00", True),
        ("12月6号 20：00", True),
        ("Dec 6, 8 pm", True),
        ("Sunday 6 December at 20:00", True),
        ("12月16日 20:00", False),
        ("12月6日 21:00", False),
        ("12月6日", False),
        ("16 December at 20:00", False),
    ],
)
def test_a_date_counts_in_any_usual_form(said: str, ok: bool, raffle: DraftContext) -> None:
    text = RAFFLE.replace("2026年12月6日（周日）20:00", said)
    assert ("截止时间" not in missing(text, raffle)) is ok


def test_a_number_of_an_input_must_come_back() -> None:
    kind = posts.KINDS.get("incentive")
    given = posts.brief(kind, Lang.ZH)
    prize = {**given.inputs, "prize": "年度会员 3 份"}
    context = posts.context(given.model_copy(update={"inputs": prize}))
    text = RAFFLE.replace("奖品见下", "奖品：年度会员 3 份")
    assert missing(text, context) == set()
    assert missing(text.replace("3 份", "5 份"), context) == {"奖品"}


def test_a_link_must_stand_as_it_is() -> None:
    kind = posts.KINDS.get("announcement")
    link = next(one for one in kind.inputs if one.type is FieldType.URL)
    context = posts.context(posts.brief(kind, Lang.EN))
    text = "Old notes challenge. Notes are safe from Sunday 6 December 2026, 20:00."
    whole = f"{text} {posts.value_of(link, Lang.EN)}"
    assert missing(whole, context) == set()
    assert missing(text, context) == {"the link to the details"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("同步出了问题，我们正在查，后续在这里更新。", set()),
        ("同步出了问题，原因是数据库升级，后续更新。", {"原因"}),
        ("同步出了问题，我们会赔偿大家，后续更新。", {"补偿"}),
        ("同步出了问题，预计两小时内好，后续更新。", {"时间承诺"}),
        ("同步出了问题，现在不谈赔偿，后续更新。", set()),
    ],
)
def test_a_holding_statement_says_no_cause_fault_money_or_time(text: str, said: set[str]) -> None:
    kind = posts.KINDS.get("holding")
    context = posts.context(posts.brief(kind, Lang.ZH, only_required=True))
    found = [one for one in findings(text, context) if one.check == "said_too_early"]
    assert {one.detail for one in found} == said
    assert all(one.severity is Severity.BLOCKING and one.start is not None for one in found)


def test_what_the_editor_said_may_be_said() -> None:
    kind = posts.KINDS.get("holding")
    given = posts.brief(kind, Lang.ZH, only_required=True, points=("原因是数据库升级",))
    text = "同步出了问题，原因是数据库升级，后续在这里更新。"
    assert "said_too_early" not in {one.check for one in findings(text, posts.context(given))}


@pytest.mark.parametrize("rules", [True, False])
def test_an_incentive_without_a_rule_of_the_community_warns(rules: bool) -> None:
    given = posts.brief(posts.KINDS.get("incentive"), Lang.ZH)
    found = {one.check: one.severity for one in findings(RAFFLE, posts.context(given, rules=rules))}
    assert found.get("no_own_rule") is (None if rules else Severity.WARNING)
