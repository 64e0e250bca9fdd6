"""What stands behind a number."""

from __future__ import annotations

import re

from service.drafting.numbers.figure import Unit

_WORDS: tuple[tuple[Unit, str], ...] = (
    (Unit.POINTS, r"个?百分点|percentage points?\b|pp\b"),
    (Unit.PERCENT, r"[%％]|percent\b|per cent\b"),
    (Unit.FOLD, r"倍|-?fold\b|[x×](?![a-z])"),
    (Unit.LEVEL, r"[级折]"),
    (Unit.MONEY, r"元|块(?!头)|美元|人民币|usd\b|rmb\b|yuan\b|dollars?\b|euros?\b"),
    (Unit.HOUR, r"个?(?:半?小时|钟头)|hours?\b|hrs?\b|h\b"),
    (Unit.MINUTE, r"分钟|minutes?\b|mins?\b"),
    (Unit.SECOND, r"秒钟?|seconds?\b"),
    (Unit.DAY, r"个?工作日|[天日号](?!常|志|期|前|码)|working days?\b|days?\b"),
    (Unit.WEEK, r"个?(?:星期|礼拜)|周(?!年|边|末)|weeks?\b"),
    (Unit.MONTH, r"个月|months?\b"),
    (Unit.MONTH_NAME, r"月"),
    (Unit.YEAR, r"年|years?\b"),
    (Unit.PEOPLE, r"个人|[人位名](?![次字称气单额])|people\b|persons?\b|members?\b|users?\b"),
    (
        Unit.THINGS,
        r"人次|条(?!款)|[个件次篇场起款份项处则封轮届期组类]|messages?\b|cases?\b|posts?\b|events?\b"
        r"|incidents?\b|times?\b|themes?\b|replies\b|questions?\b",
    ),
)
_BEHIND = tuple((unit, re.compile(rf"\s*(?:{words})", re.IGNORECASE)) for unit, words in _WORDS)
_MONEY_BEFORE = re.compile(r"[¥￥$€£]\s*$")
_CLOCK = re.compile(
    r"\s*(?:点(?!\d|建议|意见|原因|说明|感受|看法|要求|提醒|变化|内容)|时(?=\d|[，。、：:到至-]|$))"
    r"|\s*(?:[ap]\.?m\b\.?)",
    re.IGNORECASE,
)


def unit_at(text: str, start: int, end: int) -> Unit:
    """The unit of the number from `start` to `end`."""
    if _MONEY_BEFORE.search(text, max(0, start - 3), start):
        return Unit.MONEY
    if _CLOCK.match(text, end):
        return Unit.CLOCK
    return next((unit for unit, words in _BEHIND if words.match(text, end)), Unit.NONE)
