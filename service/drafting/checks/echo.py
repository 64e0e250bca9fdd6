"""Neither the prompt's own words nor the member's message come back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding

_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9]+")
_RUN = 12
"""Tokens in a row (Han characters or Latin words) that count as an echo."""

_MEMBER_RUN = 6
_MEMBER_SHARE = 0.5
"""A draft of which this share repeats the message word for word is no answer to it."""

_FRAME = re.compile(
    r"[<‹]/?[a-z_]+ [0-9a-f]{16}[>›]|<\|[a-z_]+\|>|[\"“]?(?:refusal_reason|citations)[\"”]?\s*[:：]"
)


def check_echo(given: Checked) -> Iterator[Finding]:
    """A run of the system text, a piece of the prompt's frame, or a parroted message."""
    if span := _echoed(given):
        yield finding("prompt_echo", Severity.BLOCKING, span=span)
    if match := _FRAME.search(given.text):
        yield finding("prompt_echo", Severity.BLOCKING, detail=match[0], span=match.span())
    if given.context.kind is DraftKind.REPLY and _repeated_share(given) >= _MEMBER_SHARE:
        yield finding("member_echo", Severity.BLOCKING)


def _echoed(given: Checked) -> tuple[int, int] | None:
    secret = _runs(given.system, _RUN) - _runs(given.ground, _RUN)
    places = [(m[0].lower(), m.start(), m.end()) for m in _TOKEN.finditer(given.text)]
    for index in range(len(places) - _RUN + 1):
        window = places[index : index + _RUN]
        if tuple(word for word, _, _ in window) in secret:
            return window[0][1], window[-1][2]
    return None


def _repeated_share(given: Checked) -> float:
    words = _words(given.text)
    member = _runs(given.context.member_text.text, _MEMBER_RUN)
    repeated: set[int] = set()
    for index in range(len(words) - _MEMBER_RUN + 1):
        if tuple(words[index : index + _MEMBER_RUN]) in member:
            repeated.update(range(index, index + _MEMBER_RUN))
    return len(repeated) / len(words) if words else 0.0


def _words(text: str) -> list[str]:
    return [word.lower() for word in _TOKEN.findall(text)]


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}
