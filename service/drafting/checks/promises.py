"""Sanctions, money and guarantees are not promised unless the ground speaks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding

_TOPICS = {
    "sanction": r"封号|封禁|永久移出|踢出|禁言|拉黑|\bban(?:ned|s)?\b|\bmute[ds]?\b|\bsuspend",
    "money": r"退款|退还|退回|赔偿|赔付|补偿|返现|refund|compensat|reimburs|pay you back",
    "gift": r"赠送|免费送|送你|免单|free of charge|for free|gift card|voucher",
    "release": r"(?:下周|下个月|本周|月底|明天|很快)(?:就)?(?:会)?(?:上线|发布|修复)"
    r"|(?:next week|next month|tomorrow|soon) (?:we will |it will )?(?:release|ship|fix)",
}
_GUARANTEE = re.compile(
    r"(?:我们|官方)?(?:保证|承诺|一定会|必定会|绝对会)|\bguarantee\b|\bpromise\b",
    re.IGNORECASE | re.ASCII,
)
_NEGATION = re.compile(
    r"(?:不|没有|无法|不能|不会|别|未)[^。，,.]{0,4}$|(?:not|never|n't|cannot|no) (?:\w+ ){0,2}$",
    re.IGNORECASE | re.ASCII,
)


def check_promises(given: Checked) -> Iterator[Finding]:
    """One finding a topic and place."""
    for topic, pattern in _TOPICS.items():
        if not re.search(pattern, given.ground, re.IGNORECASE | re.ASCII):
            yield from _places(
                given, topic, re.compile(pattern, re.IGNORECASE | re.ASCII), Severity.WARNING
            )
    yield from _places(given, "guarantee", _GUARANTEE, Severity.WARNING)


def _places(
    given: Checked, topic: str, pattern: re.Pattern[str], severity: Severity
) -> Iterator[Finding]:
    for match in pattern.finditer(given.text):
        quoted = match[0] in given.ground and topic == "guarantee"
        if not quoted and not negated(given.text, match.start()):
            yield finding("unsupported_promise", severity, detail=topic, span=match.span())


def negated(text: str, start: int) -> bool:
    """Whether what begins at `start` is denied just before."""
    return _NEGATION.search(text[:start]) is not None
