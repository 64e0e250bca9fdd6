"""Neither the prompt's own words nor the member's message come back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.splitting import sentence_spans
from service.domain.base import Lang
from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding

_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9]+")
_RUN = {Lang.ZH: 12, Lang.EN: 8}
"""Tokens in a row (Han characters or Latin words) that count as an echo: about one clause of a
sentence, so that a sentence taken from the prompt's worked example is found."""

_MEMBER_RUN = 6
_MEMBER_SHARE = 0.5
"""A draft of which this share repeats the message word for word is no answer to it."""

_SENTENCE = 12
_SENTENCE_SHARE = 0.75
"""So does a sentence of at least so many tokens: it speaks as the member."""

_FRAME = re.compile(
    r"[<‹\[(]/?(?:[a-z_]+ )?[0-9a-f]{16}[>›\])]|<\|[a-z_]+\|>"
    r"|[\"“]?(?:refusal_reason|citations)[\"”]?\s*[:：]"
)
_NOTHING = re.compile(r"(?m)(?:^|[:：])[ \t*\-·•]*(?:（无）|\(none\)|无)[ \t*]*$")
"""What the prompt says of a part of the brief that is empty, as a line of the post."""


def check_echo(given: Checked) -> Iterator[Finding]:
    """A run of the system text, a piece of the prompt's frame, or a parroted message."""
    if span := _echoed(given):
        yield finding("prompt_echo", Severity.BLOCKING, span=span)
    empty = given.context.kind is DraftKind.POST and _NOTHING.search(given.text)
    if match := _FRAME.search(given.text) or empty:
        yield finding("prompt_echo", Severity.BLOCKING, detail=match[0], span=match.span())
    if given.context.kind is DraftKind.REPLY and (span := _parroted(given)):
        yield finding("member_echo", Severity.BLOCKING, span=span)


def _echoed(given: Checked) -> tuple[int, int] | None:
    run = _RUN[given.context.lang]
    secret = _runs(given.system, run) - _runs(given.ground, run)
    places = [(m[0].lower(), m.start(), m.end()) for m in _TOKEN.finditer(given.text)]
    for index in range(len(places) - run + 1):
        window = places[index : index + run]
        if tuple(word for word, _, _ in window) in secret:
            return window[0][1], window[-1][2]
    return None


def _parroted(given: Checked) -> tuple[int, int] | None:
    """Where the member's message comes back: the whole draft, or one long sentence."""
    member = _runs(given.context.member_text.text, _MEMBER_RUN)
    words = _words(given.text)
    if words and _repeated(words, member) >= _MEMBER_SHARE * len(words):
        return 0, len(given.text)
    for start, end in sentence_spans(given.text):
        words = _words(given.text[start:end])
        if len(words) >= _SENTENCE and _repeated(words, member) >= _SENTENCE_SHARE * len(words):
            return start, end
    return None


def _repeated(words: list[str], member: set[tuple[str, ...]]) -> int:
    """How many of the words stand in a run of the member's."""
    repeated: set[int] = set()
    for index in range(len(words) - _MEMBER_RUN + 1):
        if tuple(words[index : index + _MEMBER_RUN]) in member:
            repeated.update(range(index, index + _MEMBER_RUN))
    return len(repeated)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _TOKEN.findall(text)]


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}
