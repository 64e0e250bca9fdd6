"""Sanctions, money, dates and guarantees are not promised unless the ground speaks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding

_FLAGS = re.IGNORECASE | re.ASCII
_DAY = (
    r"(?:今天|今晚|明天|后天|本周|这周|下周|本月|这个月|下个?月|月底|年底|周末"
    r"|(?:周|星期|礼拜)[一二三四五六日天])"
)
_DAY_EN = (
    r"(?:today|tonight|tomorrow|(?:this|next) (?:week|month)|the weekend"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the end of (?:the|this) (?:day|week|month|year))"
)
_TOPICS = {
    "sanction": r"封号|封禁|永久移出|踢出|禁言|拉黑|解封|解禁|\bban(?:ned|s)?\b|\bmute[ds]?\b"
    r"|\bsuspend|\bunban|\bunmute|\breinstat|\blift the (?:ban|mute)",
    "money": r"退款|退还|退回|赔偿|赔付|补偿|返现|报销|补发|refund|compensat|reimburs|pay you back",
    "gift": r"赠送|免费送|送你|免单|free of charge|for free|gift card|voucher",
    "release": r"(?:下周|下个月|本周|月底|明天|很快)(?:就)?(?:会)?(?:上线|发布|修复)"
    r"|(?:next week|next month|tomorrow|soon) (?:we will |it will )?(?:release|ship|fix)",
    "date": rf"{_DAY}(?:之前|以前|前|内|之内|就|会|能)|\b(?:by|before|on|until) {_DAY_EN}\b",
}
"""A topic that the ground speaks of is left to the comparison of sentences."""

_PATTERNS = {topic: re.compile(pattern, _FLAGS) for topic, pattern in _TOPICS.items()}
_GUARANTEE = re.compile(
    r"(?:我们|官方)?(?:保证|承诺|一定会|必定会|绝对会)|\bguarantee\b|\bpromise\b", _FLAGS
)
_NEGATION = re.compile(
    r"(?:不|没有|无法|不能|不会|别|未)[^。，,.]{0,4}$|(?:not|never|n't|cannot|no) (?:\w+ ){0,2}$",
    _FLAGS,
)
_WE_WILL = re.compile(
    r"(?:我们|我|官方|管理员|同事|这边)(?:会|将|可以|能|马上|已经?|来)[^。！？!?；;\n]{0,12}$"
    r"|(?:帮你|给你|为你)[^。！？!?；;，,\n]{0,8}$"
    r"|\b(?:we|i|staff|moderators?)(?:'ll| will| can| shall|'ve| have| are going to| am going to)\b"
    r"[^.!?;\n]{0,30}$",
    _FLAGS,
)
_BINDING = frozenset({"sanction", "money", "gift"})
"""Topics that bind us once we say that we do it."""


def check_promises(given: Checked) -> Iterator[Finding]:
    """One finding a topic and place; it blocks where we say that we do it ourselves."""
    for topic, pattern in _PATTERNS.items():
        if not pattern.search(given.ground):
            yield from _places(given, topic, pattern)
    yield from _places(given, "guarantee", _GUARANTEE)


def _places(given: Checked, topic: str, pattern: re.Pattern[str]) -> Iterator[Finding]:
    for match in pattern.finditer(given.text):
        before = given.text[: match.start()]
        quoted = match[0] in given.ground and topic == "guarantee"
        if not quoted and not negated(given.text, match.start()):
            binding = topic in _BINDING and _WE_WILL.search(before)
            severity = Severity.BLOCKING if binding else Severity.WARNING
            yield finding("unsupported_promise", severity, detail=topic, span=match.span())


def negated(text: str, start: int) -> bool:
    """Whether what begins at `start` is denied just before."""
    return _NEGATION.search(text[:start]) is not None
