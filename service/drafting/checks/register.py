"""Neither rude nor in words the community's voice rules out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.segment import HAN
from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding

_RUDE = re.compile(
    r"闭嘴|活该|蠢|白痴|有病|无理取闹|不识好歹|自己看不懂|你自找的|爱用不用|懒得|少废话|滚(?![动轮筒珠雪])"
    r"|\b(?:shut up|stupid|idiot|moron|dumb|your own fault|serves you right|whatever you say"
    r"|calm down|stop whining|get lost|read the manual|rtfm)\b",
    re.IGNORECASE,
)
_QUOTED = r"(?:[“\"「‘][^”\"」’\n]{1,20}[”\"」’](?:、|，|,|和|或| or | and |, )?)+"
_AVOIDED = re.compile(
    rf"(?:不用|不说|不要用|不叫|避免|禁用|别用|不称|\bnever (?:say|use|write)|\bavoid"
    rf"|\bdo not (?:say|use|write)|\bdon't (?:say|use|write))\s*({_QUOTED})",
    re.IGNORECASE,
)
_WORD = re.compile(r"[“\"「‘]([^”\"」’\n]{1,20})[”\"」’]")
_POLITE = re.compile(r"(?:称呼|称|用|使用)[“\"「]您[”\"」]")
_PLAIN_YOU = re.compile(r"(?<![迷])你(?!们)")


def check_register(given: Checked) -> Iterator[Finding]:
    """Rude words; words that the voice says not to use, in quotation marks; 你 where it asks for
    您. Anything finer is a matter of taste and the reviewer's."""
    for match in _RUDE.finditer(given.text):
        if match[0].lower() not in given.ground.lower():
            yield finding("rude", Severity.WARNING, detail=match[0], span=match.span())
    for word in _avoided(given.context.tone):
        for match in _pattern(word).finditer(given.text):
            yield finding("off_voice", Severity.WARNING, detail=match[0], span=match.span())
    plain = _PLAIN_YOU.search(given.text) if _POLITE.search(given.context.tone) else None
    if plain is not None:
        yield finding("off_voice", Severity.WARNING, detail=plain[0], span=plain.span())


def _avoided(tone: str) -> Iterator[str]:
    for listed in _AVOIDED.finditer(tone):
        yield from _WORD.findall(listed[1])


def _pattern(word: str) -> re.Pattern[str]:
    """One character stands alone (亲 is not in 亲自), a Latin word is whole."""
    around = "[A-Za-z]" if word.isascii() else f"[{HAN}]" if len(word) == 1 else "\x00"
    return re.compile(rf"(?<!{around}){re.escape(word)}(?!{around})", re.IGNORECASE)
