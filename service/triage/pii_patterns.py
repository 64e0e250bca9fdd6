"""Where personal data may stand: one pattern a kind, all of bounded length so that matching is
linear, and a check that turns a candidate into a finding. Patterns see compatibility-folded text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from service.triage import pii_checks

HAN = "\u4e00-\u9fff"
_SEP = r"[ \-.\u00b7_]"
_NUMERALS = str.maketrans("零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖", "0011223456789123456789")
_ORDER = re.compile(
    r"(?:订单|单号|流水|编号|运单|快递|工单|版本|型号|序列|sn|order|ticket|invoice|tracking|ref"
    r"|version|build|issue|id)"
    r"(?:号|码|号码| ?(?:no\.?|number|id))?\s{0,2}(?:是|为|is)?\s{0,2}[:：#]?\s{0,2}$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:v|ver|version|版本号?|升级到|更新到|build|固件|firmware|系统|app)\s{0,2}[:：.]?\s{0,2}$",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:电话|手机|致电|拨打|联系|号码|\b(?:tel|telephone|phone|call|text|fax|mobile|cell|whatsapp"
    r"|dial|answering at|reach (?:me|us) (?:at|on)|phone number|my number)\b)[^\n]{0,24}$",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"[ \-]{0,2}(?:office|fax|mobile|cell|home)\b", re.IGNORECASE)
_UNIT = re.compile(
    r"\s?(?:字节|人次|人|次|行|条|元|块|点|积分|[KMG]?B\b|bytes?\b|rows\b)", re.IGNORECASE
)
_CARD = re.compile(r"(?:\bcard\b|信用卡|银行卡|卡号)[^\n]{0,12}$", re.IGNORECASE)
_SSN = re.compile(r"(?:ssn|social security)[^\n]{0,20}$", re.IGNORECASE)


class Found(NamedTuple):
    """A finding in the folded text; `value` is its canonical form, equal for equal data."""

    kind: str
    start: int
    end: int
    value: str


Check = Callable[[str, str, str], str | None]
"""(candidate, 32 characters before, 16 after) to the canonical value, None when it is not one."""


class Pattern(NamedTuple):
    """A kind of personal data; group 1 of the expression is the candidate."""

    kind: str
    expression: re.Pattern[str]
    check: Check

    def find(self, text: str) -> Iterator[Found]:
        """Findings in order."""
        for match in self.expression.finditer(text):
            start, end = match.span(1)
            value = self.check(match[1], text[max(0, start - 32) : start], text[end : end + 16])
            if value is not None:
                yield Found(self.kind, start, end, value)


def digits_of(text: str) -> str:
    """Only the digits."""
    return re.sub(r"\D", "", text)


def _mobile(value: str, before: str, after: str) -> str | None:
    digits = digits_of(value)[-11:]
    return None if _ORDER.search(before) or _UNIT.match(after) else digits


def _numerals(value: str, _before: str, _after: str) -> str | None:
    digits = value.translate(_NUMERALS)
    return digits if re.fullmatch(r"1[3-9]\d{9}", digits) else None


def _landline(value: str, before: str, _after: str) -> str | None:
    return None if _ORDER.search(before) else digits_of(value)


def _international(value: str, _before: str, _after: str) -> str | None:
    plain = re.sub(r"[^\d+]", "", value.replace("(0)", ""))
    number = "+" + plain[2:] if plain.startswith("00") else plain
    if not pii_checks.international_phone(number):
        return None
    mobile = re.fullmatch(r"\+86(1[3-9]\d{9})", number)
    return mobile[1] if mobile else number


def _national(value: str, before: str, after: str) -> str | None:
    if _ORDER.search(before):
        return None
    plain = digits_of(value)
    shaped = re.fullmatch(
        r"(?:1[ .-])?\(\d{3}\) ?\d{3}[ .-]?\d{4}|(?:1[ .-])?\d{3}[-.]\d{3}[-.]\d{4}", value
    )
    spoken_of = _CALL.search(before) or _OFFICE.match(after)
    called = spoken_of and 7 <= len(plain) <= 15 and not _dated(value)
    return plain if shaped or called else None


def _dated(value: str) -> bool:
    return re.match(r"(?:19|20)\d\d[-./ ]\d{1,2}(?:[-./ ]\d{1,2})?(?:\D|$)", value) is not None


def _card(value: str, before: str, _after: str) -> str | None:
    digits = digits_of(value)
    if _CARD.search(before) and pii_checks.luhn(digits):
        return digits
    return digits if pii_checks.bank_card(digits) and not _ORDER.search(before) else None


def _resident(value: str, _before: str, _after: str) -> str | None:
    plain = re.sub(r"[ -]", "", value)
    return plain.upper() if pii_checks.resident_id(plain) else None


def _iban(value: str, _before: str, _after: str) -> str | None:
    plain = re.sub(r"[ -]", "", value).upper()
    return plain if pii_checks.iban(plain) else None


def _ssn(value: str, before: str, _after: str) -> str | None:
    shaped = re.fullmatch(r"\d{3}([- ])\d{2}\1\d{4}", value)
    plain = digits_of(value)
    legal = plain[:3] not in {"000", "666"} and plain[3:5] != "00" and plain[0] != "9"
    return plain if legal and (shaped or _SSN.search(before)) else None


def _ip(value: str, before: str, _after: str) -> str | None:
    versioned = "." in value and _VERSION.search(before)
    return None if versioned or not pii_checks.ip_address(value) else value


def _any(value: str, _before: str, _after: str) -> str | None:
    return value.strip().casefold()


def _plate(value: str, _before: str, _after: str) -> str | None:
    plain = re.sub(r"[ ·•\-]", "", value)
    return plain if any(c.isdigit() for c in plain) else None


_NUMERAL = "零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_RESIDENT_ID = r"(?<![\dA-Za-z])(\d{6}[ -]?\d{4}[ -]?\d{4}[ -]?\d{3}[\dXx])(?![\dA-Za-z])"
_CARD_NUMBER = r"(?<![\dA-Za-z.])(\d(?:[ -]?\d){11,18})(?![\dA-Za-z])"
_SSN_NUMBER = r"(?<![\d\-A-Za-z])(\d{3}[- ]?\d{2}[- ]?\d{4})(?![\d\-A-Za-z])"
_IP4 = r"(?<![\d.A-Za-z])(\d{1,3}(?:\.\d{1,3}){3})(?![\dA-Za-z]|\.\d)"
_IP6 = r"(?<![0-9A-Za-z:])((?:[0-9A-Fa-f]{1,4}:{1,2}){3,7}[0-9A-Fa-f]{1,4})(?![0-9A-Za-z:])"
_MOBILE = (
    rf"(?<![\dA-Za-z.])((?:\(?(?:\+|00) ?86\)?{_SEP}?)?1[3-9](?:{_SEP}{{0,2}}\d){{9}})"
    r"(?!\d|\.\d|[A-Za-z])"
)
_WITH_COUNTRY = (
    r"(?<![\dA-Za-z])((?:\+|00)\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,7}"
    r"(?: ?(?:x|ext\.?) ?\d{1,6})?)(?![\dA-Za-z])"
)
_WITH_AREA = (
    r"(?<![\d.\-])(\(?0(?:10|2\d|[3-9]\d{2})\)?[ -]{0,2}[2-9]\d{3}[ -]?\d{3,4}"
    r"(?:(?:-|转)\d{1,5})?)(?![\d\-])"
)
_NATIONAL = (
    r"(?<![\dA-Za-z.$¥￥])(\(?\d{1,5}\)?(?:[ .\-/]{0,2}\(?\d{2,6}\)?){1,5}"
    r"(?:-?(?:x|ext\.?)\d{1,6})?)(?![\dA-Za-z%]|\.\d|[元块])"
)
_EMAIL = (
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})"
    r"(?![A-Za-z0-9])"
)
_SPOKEN = rf"(?<![{_NUMERAL}])([{_NUMERAL}]{{11}})(?![{_NUMERAL}])"
_PLATE = rf"([{_PROVINCES}][A-HJ-NP-Z][ ·•-]?[A-HJ-NP-Z0-9]{{5,6}})(?![A-Za-z0-9])"

NUMBERS: tuple[Pattern, ...] = (
    Pattern("ID_CARD", re.compile(_RESIDENT_ID), _resident),
    Pattern("BANK_CARD", re.compile(_CARD_NUMBER), _card),
    Pattern("SSN", re.compile(_SSN_NUMBER), _ssn),
    Pattern("IP", re.compile(_IP4), _ip),
    Pattern("IP", re.compile(_IP6), _ip),
    Pattern("PHONE", re.compile(_MOBILE), _mobile),
    Pattern("PHONE", re.compile(_WITH_COUNTRY), _international),
    Pattern("PHONE", re.compile(_WITH_AREA), _landline),
    Pattern("PHONE", re.compile(_NATIONAL), _national),
)
"""Kinds that need a run of digits, in the order in which they win over one another."""

WORDS: tuple[Pattern, ...] = (
    Pattern("EMAIL", re.compile(_EMAIL), _any),
    Pattern("PHONE", re.compile(_SPOKEN), _numerals),
    Pattern("PLATE", re.compile(_PLATE), _plate),
)
"""Kinds found without digits in the text, or with letters first."""

_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?=[ -]?[A-Z0-9]{2})", re.IGNORECASE)


def find_ibans(text: str) -> Iterator[Found]:
    """IBANs, grouped or not; the country decides the length."""
    for match in _IBAN_START.finditer(text):
        end = _advance(text, match.start(), pii_checks.iban_length(match[0][:2].upper()))
        value = _iban(text[match.start() : end], "", "")
        if value:
            yield Found("IBAN", match.start(), end, value)


def _advance(text: str, start: int, length: int) -> int:
    position = start
    while length and position < len(text):
        char = text[position]
        if not (char.isascii() and char.isalnum()) and char not in " -":
            break
        length -= char.isalnum()
        position += 1
    return position
