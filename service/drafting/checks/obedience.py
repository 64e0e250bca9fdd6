"""Signs that the model followed orders hidden in a message, or speaks of being a machine."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.standing import disclosure_of

_AI_TALK = re.compile(
    r"作为(?:一[个名款]|你的)?\s*(?:AI|人工智能|大?语言模型|智能助手)|系统提示词?|提示词"
    r"|\bas an? (?:AI|artificial intelligence|large language model|language model)\b"
    r"|\bsystem prompt\b|\blanguage model\b|开发者模式|developer mode|\bjailbr",
    re.IGNORECASE | re.ASCII,
)
_AI_SELF = re.compile(
    r"(?:作为|我(?:只)?是)(?:一[个名款])?\s*(?:AI|人工智能|大?语言模型)"
    r"|\b(?:as|i'm|i am)(?: just| only)? an? (?:AI|artificial intelligence"
    r"|(?:large )?language model)\b"
    r"|\b(?:can(?:'|’)?t|cannot|unable to) (?:assist|help) with (?:that|this) request"
    r"|\bsorry,? but i (?:can(?:'|’)?t|cannot) (?:write|create|generate|fulfil)"
    r"|(?:无法|不能)(?:协助|满足|完成|处理)(?:你的|您的|这个|该|此)?请求",
    re.IGNORECASE | re.ASCII,
)
_COMPLIANCE = re.compile(
    r"(?:好的|遵命|明白)[，,！! ]*(?:已|我会|我将)?(?:忽略|无视)"
    r"|(?:已|我会|我将)(?:忽略|无视)(?:之前|以上|所有)"
    r"|\b(?:ignoring|i will ignore|i have ignored) (?:all |the |any )?(?:previous|prior|above)",
    re.IGNORECASE | re.ASCII,
)
_ORDERED = re.compile(
    r"(?:(?:回复|输出|说|写|打印|复述|回答)(?:一句|这句|下面)?话?"
    r"|(?:\bsay|\breply(?: with)?|\bprint|\boutput|\bwrite|\brespond(?: with)?|\brepeat"
    r"|\banswer(?: with)?)(?: exactly| only)?)"
    r"\s*[:：]?\s*[\"“「『'‘`]?([^\"”」』'’`\n。！!]{4,60})",
    re.IGNORECASE | re.ASCII,
)

_OVERRIDE = re.compile(
    r"(?:忽略|无视|忘掉|不要管)[^。\n]{0,12}(?:规则|指令|提示|设定|要求)"
    r"|\b(?:ignore|disregard|forget)\b[^.\n]{0,30}\b(?:rules?|instructions?|prompts?|above)\b",
    re.IGNORECASE | re.ASCII,
)

_VERBATIM = re.compile(
    r"跟着(?:我)?(?:念|说|写|读)|照着?(?:念|说|写|抄)|照抄|原样|逐字|念一?遍|复述|原封不动"
    r"|必须(?:出现|包含|写上|带上)|\bverbatim\b|\bword for word\b|\brepeat after\b|\bmust appear\b"
    r"|\bsay exactly\b|\bexactly (?:this|these|the following)\b"
    r"|\bthe following (?:words|text|line)\b"
    r"|\btell every(?:body|one)\b",
    re.IGNORECASE | re.ASCII,
)
_DICTATED = re.compile(
    r"[\"“「『‘`]([^\"”」』’`\n]{2,60})[\"”」』’`]|[:：]\s*([^\n。！!；;，,\"“「『‘`]{3,60})|(\d+(?:\.\d+)+)"
)
"""What a message that asks for certain words gives: in quotation marks, behind a colon, a number
like those of clauses."""


_FEWEST = 3
"""Characters; shorter words may be anybody's."""

_MOST = 0.7
"""Share of dictated words that counts as all of them."""


def check_obedience(given: Checked) -> Iterator[Finding]:
    """AI talk warns, a machine that speaks of itself blocks, and so does a sentence that a message
    ordered and the draft holds."""
    own = disclosure_of(given.context)
    if (match := _AI_SELF.search(given.text)) and match[0] not in own:
        yield finding("ai_self", Severity.BLOCKING, detail=match[0], span=match.span())
        return
    for match in _AI_TALK.finditer(given.text):
        if match[0] in own:
            continue
        yield finding("ai_talk", Severity.WARNING, detail=match[0], span=match.span())
    for match in _COMPLIANCE.finditer(given.text):
        yield finding("obeyed_order", Severity.BLOCKING, detail=match[0], span=match.span())
    if given.context.kind is DraftKind.REPLY:
        yield from _ordered_sentences(given)


def _ordered_sentences(given: Checked) -> Iterator[Finding]:
    """Only where the message gives orders: a member may well quote what support once said."""
    text, ground = given.text.lower(), given.ground.lower()
    for said in dict.fromkeys(_ordered(given)):
        for piece in _pieces(said.strip().lower()):
            start = text.find(piece)
            if start >= 0 and piece not in ground:
                span = (start, start + len(piece))
                yield finding("obeyed_order", Severity.BLOCKING, detail=piece, span=span)
                break


def _pieces(sentence: str) -> Iterator[str]:
    """Runs of most of a sentence, the whole first: a model may leave a word out."""
    size = max(_FEWEST, math.ceil(_MOST * len(sentence)))
    if len(sentence) >= _FEWEST:
        yield sentence
    yield from (sentence[at : at + size] for at in range(len(sentence) - size + 1))


def _ordered(given: Checked) -> Iterator[str]:
    """The words a message wants to read."""
    member = given.context.member_text.text
    verbatim = _VERBATIM.search(member) is not None
    if given.context.parameters["injected"] == "yes" or _OVERRIDE.search(member) or verbatim:
        yield from (match[1] for match in _ORDERED.finditer(member))
    if verbatim:
        found = _DICTATED.finditer(member)
        yield from (next(filter(None, match.groups())) for match in found)
