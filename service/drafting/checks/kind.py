"""What the kind of a post asks of its text: parts it must have, and words it must not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from service.domain.draft import Finding, Severity
from service.domain.feed import from_lines
from service.domain.post import BriefValue
from service.domain.post_kind import FieldType, Never, Part, PostKind
from service.drafting.checks.checked import Checked, finding
from service.drafting.checks.promises import negated
from service.drafting.days import says_day, says_time

_WORD = re.compile(r"[A-Za-z]+|[0-9]+(?:[.:][0-9]+)*|[\u3400-\u9fff]")
_SHARE = 0.5
"""Share of a value's words that must come back; an editor's wording may well be improved."""

_EXACT = (FieldType.DATE, FieldType.DATETIME, FieldType.INT, FieldType.URL)
"""Types of values that are copied or wrong."""


def check_kind(given: Checked, kind: PostKind | None) -> Iterator[Finding]:
    """Missing parts, things said too early, and rules a kind needs but nobody has written."""
    if kind is None:
        return
    for part in kind.parts:
        yield from _missing(given, part)
    for never in kind.never:
        yield from _said(given, never)
    if kind.rules and kind.rules.required and not given.context.rule_found:
        yield finding("no_own_rule", Severity.WARNING)


def _missing(given: Checked, part: Part) -> Iterator[Finding]:
    title = part.title.get(given.context.lang)
    if part.words:
        text = given.text.lower()
        if not any(word in text for word in part.words.get(given.context.lang)):
            yield finding("missing_part", Severity.WARNING, detail=title)
        return
    value = next((one for one in given.context.inputs if one.name == part.input), None)
    if value is not None and value.type is FieldType.FEED:
        yield from _uncited(given, value)
    elif value is not None and not stands_in(given.text, value):
        severity = Severity.BLOCKING if value.type in _EXACT else Severity.WARNING
        yield finding("missing_part", severity, detail=title)


def _uncited(given: Checked, value: BriefValue) -> Iterator[Finding]:
    for item in from_lines(value.value):
        if item.link not in given.text:
            yield finding("item_uncited", Severity.BLOCKING, detail=item.title)


def stands_in(text: str, value: BriefValue) -> bool:
    """Whether a text says a value: a date in any usual form, a link or number as it is, of other
    values every number and half of the words."""
    if value.type is FieldType.DATE:
        return says_day(text, date.fromisoformat(value.value))
    if value.type is FieldType.DATETIME:
        return says_time(text, datetime.fromisoformat(value.value))
    if value.type is FieldType.URL:
        return value.value in text
    wanted, words = set(_words(value.shown)), set(_words(text))
    numbers = {word for word in wanted if word[0].isdigit()}
    return numbers <= words and len(wanted & words) >= _SHARE * len(wanted)


def _words(text: str) -> Iterator[str]:
    return (match[0].lower() for match in _WORD.finditer(text))


def _said(given: Checked, never: Never) -> Iterator[Finding]:
    text, ground = given.text.lower(), given.ground.lower()
    for word in never.words.get(given.context.lang):
        start = text.find(word)
        if start >= 0 and word not in ground and not negated(given.text, start):
            span, title = (start, start + len(word)), never.title.get(given.context.lang)
            yield finding("said_too_early", Severity.BLOCKING, detail=title, span=span)
