"""What in an approved answer belongs to the one it was written for."""

from __future__ import annotations

import re

from service.drafting.support.phrases import families, plain

TOKEN = re.compile(r"\[[A-Z][A-Z_]*_\d+\]")
"""What stands for personal data in a redacted text."""

MENTION = re.compile(r"(?<![\w.])@\w")

_ZH_CALL = re.compile(
    r"^\s*@?(?!大家|各位|同学|亲|朋友|[你您]好)(?P<name>[^\s,，。!！、~～@]{1,8}?)(?:先生|女士|小姐)?"
    r"[,，]?\s?(?=(?:你好|您好)[,，。!！~～\s])"
)
_EN_CALL = re.compile(
    r"^\s*(?P<hail>(?i:hi|hello|dear))\s+(?!(?i:all|everyone|there|friends?|member)\b)"
    r"(?P<name>[A-Z][\w'’-]*(?:[ ][A-Z][\w'’-]*)?)"
)
_DAY = re.compile(
    r"\d{1,2}\s?月\s?\d{1,2}\s?[日号]|\d{1,2}\s?[日号](?!内)|\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b"
    r"|(?:周|星期|礼拜)[一二三四五六日天]"
    r"|(?i:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)"
    r"|(?i:\b(?:january|february|march|april|june|july|august|september|october|november|december)\b)"
)


def calls_by_name(text: str) -> bool:
    """Whether a text greets somebody by name."""
    return bool(_ZH_CALL.search(text) or _EN_CALL.search(text))


def uncalled(text: str) -> str | None:
    """The text with a greeting by name made one without; None where the name comes again, so that
    more than the greeting would be somebody else's."""
    found = _ZH_CALL.search(text) or _EN_CALL.search(text)
    if found is None:
        return text
    hail = "Hello" if found.groupdict().get("hail") else ""
    rest = text[found.end() :]
    return None if found["name"] in rest else hail + rest


def names_days(text: str) -> bool:
    """Whether a text names a day of the week, a date or a month."""
    return _DAY.search(text) is not None


def days_beside(text: str, ground: str) -> bool:
    """Whether a text names a day, as it stands, that the ground does not."""
    return any(match[0] not in ground for match in _DAY.finditer(text))


def case_bound(text: str) -> bool:
    """Whether a text says what was done or will be for one person, or names a day by its
    distance."""
    return bool(phrases("case_bound").search(plain(text)))


def phrases(family: str) -> re.Pattern[str]:
    """A family of `knowledge.toml`."""
    return families("knowledge.toml", "service.drafting")[family]
