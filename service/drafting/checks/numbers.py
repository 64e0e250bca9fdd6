"""Numbers in the draft occur in what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.numbers.accounts import Account, accounts
from service.drafting.numbers.figure import Figure, Unit
from service.drafting.numbers.reading import read

_VAGUE = frozenset({Unit.NONE, Unit.PEOPLE, Unit.THINGS, Unit.CLOCK})
"""In a reply, a number of these may be the member's own."""


def check_numbers(given: Checked) -> Iterator[Finding]:
    """In a post every number is a fact or stands in its brief or clauses. In a reply a number with
    a unit must stand in the ground; a bare one may also be the member's."""
    return _post(given) if given.context.kind is DraftKind.POST else _reply(given)


def _post(given: Checked) -> Iterator[Finding]:
    for one in accounts(given.text, given.context.facts, given.stated):
        if one.wrong:
            yield _wrong(given, one)


def _wrong(given: Checked, one: Account) -> Finding:
    """A number in words without a unit may be a manner of speaking: it only warns."""
    speaking = one.figure.spelled and one.figure.unit is Unit.NONE
    severity = Severity.WARNING if speaking else Severity.BLOCKING
    span = (one.figure.start, one.figure.end)
    shown = given.text[slice(*span)]
    detail = f"{shown} ≠ {one.fact.label}: {one.fact.value}" if one.fact else shown
    return finding(str(one.wrong), severity, detail=detail, span=span)


def _reply(given: Checked) -> Iterator[Finding]:
    trusted = _values(given.ground)
    members = _values(given.context.member_text.text)
    for one in read(given.text):
        if one.spelled and one.unit in _VAGUE:
            continue
        allowed = trusted | members if one.unit in _VAGUE else trusted
        if one.value not in allowed:
            yield _unsupported(one)


def _unsupported(one: Figure) -> Finding:
    severity = Severity.WARNING if one.unit in _VAGUE else Severity.BLOCKING
    return finding("unsupported_number", severity, detail=one.value, span=(one.start, one.end))


def _values(text: str) -> set[str]:
    return {one.value for one in read(text)}
