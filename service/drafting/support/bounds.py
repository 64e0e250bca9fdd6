"""On which side of a limit a text stands: "within 7 days" permits what "after 7 days" does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from service.drafting.support.marks import Marks, marks_of, negated_apart
from service.drafting.support.quantities import Quantity, agree

_REACH = 20
"""Characters on either side of a number that may say which side of it is meant."""

_SIDES = {
    "within": (
        r"(?:不超过|不多于|不晚于|最多|至多|不到|不满|未满|未超过|没超过|少于|低于)\s*$"
        r"|\b(?:within|at most|up to|(?:no|not) (?:more|later|longer) than|less than|fewer than"
        r"|under|(?:not|never|n't) exceed(?:ed|ing)?)\s+(?:the first |the )?$",
        r"^\s*个?(?:以内|之内|内|以下)|^ or (?:less|fewer)\b",
    ),
    "beyond": (
        r"(?:超过了?|超出|多于|高于|大于|过了|已过|满了)\s*$"
        r"|\b(?:more than|over|longer than|later than|exceed(?:s|ed|ing)?|past|beyond)\s+(?:the )?"
        r"$",
        r"^\s*个?(?:以上|以后|之后|开外)|^ (?:or (?:more|later)|later|ago)\b",
    ),
}


_NO_DENIAL = re.compile(
    r"不超过|不多于|不晚于|不到|不满|未满|未超过|没超过|无理由|无条件"
    r"|\b(?:no|not) (?:more|later|longer) than|(?:not|never|n't) exceed|no questions asked"
)


class Side(Enum):
    """Where a number's limit is crossed or kept."""

    WITHIN = "within"
    BEYOND = "beyond"


_PATTERNS = tuple(
    (Side(name), re.compile(before), re.compile(behind))
    for name, (before, behind) in _SIDES.items()
)
"""The first that fits counts: 不超过 holds 超过, "no more than" holds "more than"."""


def side_of(text: str, one: Quantity) -> Side | None:
    """The side of the limit this number of a text is about, None where it does not say."""
    before = text[max(0, one.start - _REACH) : one.start].lower()
    behind = text[one.end : one.end + _REACH].lower()
    return next((side for side, b, a in _PATTERNS if b.search(before) or a.search(behind)), None)


def crossed(
    claim: str, claimed: Sequence[Quantity], source: str, known: Sequence[Quantity]
) -> bool:
    """Whether the claim says of the other side of a limit what the source says of its own side.

    Both sides, or none, in the source: not crossed. Nor where one of them denies: "no refund after
    7 days" follows from "refunds within 7 days".
    """
    return _apart(claim, claimed, source, known) and not negated_apart(
        _denied(claim), _denied(source)
    )


def _apart(claim: str, claimed: Sequence[Quantity], source: str, known: Sequence[Quantity]) -> bool:
    for one in claimed:
        own = side_of(claim, one)
        sides = {side_of(source, other) for other in known if agree(one, other)} - {None}
        if own is not None and sides and own not in sides:
            return True
    return False


def _denied(text: str) -> Marks:
    """Marks without the negations that set a limit or name a thing."""
    return marks_of(_NO_DENIAL.sub(" ", text.lower()))
