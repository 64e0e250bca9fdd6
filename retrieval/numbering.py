"""Explicit clause numbers at the start of a text: 3.2, 第三条, (一), Article 5, Q12 …"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Style = Literal["strong", "digit", "digit_paren", "han", "han_paren", "bare"]

_HAN_DIGIT = "〇零一二三四五六七八九十百千两兩"
_HAN_UNIT = r"(?:元|块|倍|万|萬|亿|億|个|個|小时|小時|天|年|月|周|米|次|人|分|折|版)"
# "3.5 万元，" is an amount; "3.1 年卡" is a clause about annual plans.
_UNITS = (
    rf"(?:{_HAN_UNIT}|\s+{_HAN_UNIT}+(?![\u4e00-\u9fff])|\s*[%％]"
    r"|\s*(?:million|billion|hours?|days?|weeks?|months?|years?|minutes?|times|percent|points?|stars?"
    r"|[kmg]b|kg|km|x)\b)"
)
_END = r"(?:[.．、:：)）]|(?=[\s\u3000【（(「『《“\"—–-])|$)[\s\u3000]*"
_STRONG = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<n>第\s*[{_HAN_DIGIT}\d]+\s*[条條](?:之[{_HAN_DIGIT}\d]+)?){_END}",
        rf"(?P<n>第\s*[{_HAN_DIGIT}\d]+\s*[编編章节節]){_END}",
        r"(?P<n>(?:article|section|rule|clause)\s+\d+(?:\.\d+)*)"
        r"(?:[.:：)]\s*|\s+(?=(?-i:[^a-z\s]))|\s*$)",
        rf"(?P<n>§\s*\d+(?:\.\d+)*){_END}",
        rf"(?P<n>\d{{1,3}}(?:\.\d{{1,3}}){{1,4}})(?!\d|\.\d)(?!{_UNITS})[.．、:：]?\s*",
        rf"(?P<n>(?:Q|问题|問題)\s*\d{{1,3}}){_END}",
    )
)
_WEAK: tuple[tuple[Style, re.Pattern[str]], ...] = (
    ("han_paren", re.compile(rf"[(（](?P<n>[{_HAN_DIGIT}]+)[)）]\s*")),
    ("digit_paren", re.compile(r"[(（]?(?P<n>\d{1,3})[)）]\s*")),
    ("han", re.compile(rf"(?P<n>[{_HAN_DIGIT}]+)、\s*")),
    ("digit", re.compile(r"(?P<n>\d{1,3})(?:、|[.．](?!\d))\s*")),
)
_BARE = re.compile(r"(?P<n>\d{1,3})\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Number:
    """A clause number found at the start of a text.

    Strong numbers name a clause anywhere in the document; the other styles only count within a
    list or section. `rest` is the text after the number.
    """

    label: str
    style: Style
    rest: str

    @property
    def is_strong(self) -> bool:
        return self.style == "strong"


def leading_number(text: str, *, heading: bool = False) -> Number | None:
    """Find the number a text begins with; a bare "1 General" counts in headings only."""
    text = text.strip()
    for pattern in _STRONG:
        if match := pattern.match(text):
            label = re.sub(r"\s+", "" if "第" in match["n"] else " ", match["n"])
            return Number(label, "strong", text[match.end() :])
    for style, pattern in _WEAK:
        if match := pattern.match(text):
            return Number(_weak_label(style, match["n"]), style, text[match.end() :])
    if heading and (match := _BARE.match(text)):
        return Number(match["n"], "bare", text[match.end() :])
    return None


def _weak_label(style: Style, number: str) -> str:
    return f"({number})" if style.endswith("_paren") else number


def join_labels(parent: str, label: str) -> str:
    """Qualify a weak or derived label with its section's: 4 and 2 give 4.2, 第三条 and 2 give
    第三条(2).
    """
    if not parent or label.startswith("("):
        return parent + label
    if parent[-1].isdigit() and label[0].isdigit():
        return f"{parent}.{label}"
    return f"{parent}({label})"
