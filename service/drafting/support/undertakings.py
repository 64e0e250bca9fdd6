"""Sentences in which the desk undertakes something: acts to come, help, repairs, answers."""

from __future__ import annotations

import re

from service.drafting.support.phrases import plain

_DESK = (
    r"(?:我们|咱们|我|官方|团队|产品组|技术组|管理员|版主|客服"
    r"|工作人员|运营人员|运营|同事|开发者|这边)"
)
_HOW = (
    r"(?:也|都|还|就|这就|一定|肯定|必定|正|目前|现在|已经|已"
    r"|随后|稍后|之后|后续|先|再|的团队|的同事)*"
)
_ACTS = (
    r"(?:会|将|正在|在(?:修|改|查|努力|考虑|处理|跟进|优化|排查|评估|核实)|计划|打算|准备|考虑|争取|尽力"
    r"|尽快|马上|立即|立刻|来(?:处理|跟进|安排|联系|核实|帮)|去(?:处理|跟进|核实|修|查)"
    r"|可以(?:帮|为你|给你|替你)|能(?:帮|为你|给你|替你)|帮(?:你|您|忙)|为(?:你|您)|给(?:你|您)|替(?:你|您)"
    r"|承诺|保证|安排)"
)
_DESK_EN = (
    r"\b(?:we|i|(?:our|the|your|a|an)\s+(?:\w+\s+){0,2}"
    r"(?:team|staff|desk|moderators?|admins?|developers?|engineers?|colleagues?|support)"
    r"|staff|moderators?|admins?|developers?|someone)"
)
_HOW_EN = r"\s+(?:(?:also|then|still|certainly|definitely|now|currently|\w+ly)\s+)*"
_ACTS_EN = (
    r"(?:will|shall|(?:are|am|is)\s+going\s+to"
    r"|(?:are|am|is)\s+(?:\w+ly\s+)?(?:working|looking|investigating|fixing|considering|planning"
    r"|improving|preparing|checking|reviewing)\b"
    r"|(?:plan|intend|aim|hope|expect|promise)s?\s+to"
    r"|can\s+(?:help|assist|provide|send|arrange|fix|offer|check|restore|extend)"
    r"|(?:would|'d)\s+be\s+(?:happy|glad)\s+to)\b"
)
_UNDERTAKEN = re.compile(
    rf"{_DESK}{_HOW}{_ACTS}|(?:尽快|第一时间|稍后|马上)(?:\w{{0,4}})(?:回复|答复|处理|修复|联系|解决|通知)"
    rf"|{_DESK_EN}(?:'ll\b|{_HOW_EN}{_ACTS_EN})"
    r"|\blet\s+me\s+(?:check|look|find|see|fix)"
    r"|\b(?:will|to)\s+be\s+(?:fixed|added|available|released|resolved|restored|announced)\b"
)
_HARMLESS = re.compile(
    r"(?:我们|我)(?:会|将)?(?:很|非常)?(?:高兴|理解|明白|期待|希望|建议)"
    r"|\bwhen\s+(?:we|it|they)\s+will\b|什么时候(?:会|能)"
    r"|\b(?:we|i)\s+will\s+be\s+(?:glad|happy|delighted)\b|\bwe\s+hope\s+to\s+(?:see|hear)\b"
)


_HANDED_ON = re.compile(
    r"(?:会|将)(?:把[^，。；！]{0,14})?(?:带给|转达|转给|记下|看(?!看)|(?:和[^，。；！]{0,10})?放在一起整理)[^，。；！]*"
    r"|\bwill\s+(?:read|pass|note|write\s+(?:it|this|that)\s+down|take\s+another\s+look)\b[^,.;!]*"
)
_MORE = re.compile(
    r"尽快|第一时间|马上|立即|立刻|今[天晚]|明天|本周|小时|修|退|补|发给|解决|提供|安排"
    r"|增加|上线|改进|优化"
    r"|\b(?:soon|shortly|right away|today|tonight|tomorrow|within|fix|repair|refund|add|send"
    r"|provide|solve|resolve|restore|give|act|action)\b"
)


def undertakes(sentence: str) -> bool:
    """Whether it says that the desk does or will do something. Gladness and hope do not count, nor
    that somebody will read the message, hand it on and answer, where no time is given."""
    text = _HARMLESS.sub(" ", plain(sentence))
    if not _MORE.search(text):
        text = _HANDED_ON.sub(" ", text)
    return _UNDERTAKEN.search(text) is not None
