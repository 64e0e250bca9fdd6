"""The prompt's own words do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding

_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9]+")
_RUN = 12
"""Tokens in a row (Han characters or Latin words) that count as an echo."""

_FRAME = re.compile(
    r"[<‹]/?[a-z_]+ [0-9a-f]{16}[>›]|<\|[a-z_]+\|>|[\"“]?(?:refusal_reason|citations)[\"”]?\s*[:：]"
)


def check_echo(given: Checked) -> Iterator[Finding]:
    """A run of the system text, or a piece of the prompt's frame. One finding for each kind."""
    if span := _echoed(given):
        yield finding("prompt_echo", Severity.BLOCKING, span=span)
    if match := _FRAME.search(given.text):
        yield finding("prompt_echo", Severity.BLOCKING, detail=match[0], span=match.span())


def _echoed(given: Checked) -> tuple[int, int] | None:
    secret = _runs(_words(given.system)) - _runs(_words(given.ground))
    places = [(m[0].lower(), m.start(), m.end()) for m in _TOKEN.finditer(given.text)]
    for index in range(len(places) - _RUN + 1):
        window = places[index : index + _RUN]
        if tuple(word for word, _, _ in window) in secret:
            return window[0][1], window[-1][2]
    return None


def _words(text: str) -> list[str]:
    return [word.lower() for word in _TOKEN.findall(text)]


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}
