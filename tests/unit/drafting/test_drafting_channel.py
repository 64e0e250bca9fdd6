"""Preflight: each platform's limits are found at the right place, and fitting texts pass."""

from __future__ import annotations

import drafting_samples as make
import pytest

from service.domain.channel import Channel
from service.domain.draft import DraftContext, DraftKind, Finding, Severity
from service.drafting.checks.channel import check_channel
from service.drafting.checks.checked import Checked
from service.drafting.platforms import known_channels, platforms

HEADING, TABLE = "# 通知\n正文", "名单\n| 名次 | 名字 |\n| --- | --- |"


def found(text: str, platform: str, kind: DraftKind = DraftKind.POST) -> dict[str, Finding]:
    given: DraftContext = make.context()
    parameters = {**given.parameters, "platform": platform}
    context = given.model_copy(update={"kind": kind, "parameters": parameters})
    checked = Checked(context, make.written(text), "", "")
    return {one.check: one for one in check_channel(checked)}


@pytest.mark.parametrize(
    ("platform", "text", "check", "severity"),
    [
        ("wecom", "好" * 683, "channel_length", Severity.BLOCKING),
        ("discord", "a" * 2001, "channel_length", Severity.BLOCKING),
        ("weibo", "好" * 141, "channel_long", Severity.WARNING),
        ("xiaohongshu", "一" * 21 + "\n正文", "channel_title", Severity.BLOCKING),
        ("xiaohongshu", "看 https://example.org/a", "channel_link", Severity.BLOCKING),
        ("xiaohongshu", "标题\n正文", "channel_picture", Severity.INFO),
        ("wechat_group", "**重要**", "channel_markup", Severity.WARNING),
        ("wechat_group", HEADING, "channel_markup", Severity.WARNING),
        ("discord", HEADING, "channel_markup", Severity.WARNING),
        ("feishu", TABLE, "channel_markup", Severity.WARNING),
        ("qq_group", "今晚八点", "channel_manual", Severity.INFO),
        ("", "@所有人 今晚八点", "calls_everyone", Severity.BLOCKING),
        ("discord", "@everyone tonight", "calls_everyone", Severity.BLOCKING),
    ],
)
def test_what_does_not_fit_is_found(
    platform: str, text: str, check: str, severity: Severity
) -> None:
    assert found(text, platform)[check].severity is severity


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("wecom", "好" * 682),
        ("discord", "**bold** and `code`, 3 * 4 = 12"),
        ("discourse", HEADING + "\n" + TABLE),
        ("email", "周报\n" + "好" * 5000),
        ("nowhere", "好" * 50_000),
        ("slack", "write to all@example.org, everyone"),
    ],
)
def test_what_fits_passes(platform: str, text: str) -> None:
    assert found(text, platform) == {}


def test_a_finding_points_at_its_place() -> None:
    one = found("先看\n## 第二节", "feishu")["channel_markup"]
    assert (one.start, one.end) == (3, 7)


def test_replies_are_only_kept_from_calling_everybody() -> None:
    text = "# 标题 @所有人 " + "好" * 3000
    assert set(found(text, "discord", DraftKind.REPLY)) == {"calls_everyone"}


def test_a_quoted_clause_may_speak_of_calling_everybody() -> None:
    quoted = Checked(
        make.context(), make.written("按规则，@所有人 每周一次。"), "不得滥用 @所有人", ""
    )
    assert list(check_channel(quoted)) == []


def test_channels_name_known_platforms_once() -> None:
    known = tuple(Channel(name=name, platform=name) for name in platforms())
    assert known_channels(known) == known
    with pytest.raises(ValueError, match="unknown platform"):
        known_channels((Channel(name="a", platform="nowhere"),))
    with pytest.raises(ValueError, match="same name"):
        known_channels((known[0], known[0]))
