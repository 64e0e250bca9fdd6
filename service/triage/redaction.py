"""The choke point for personal data: finds it, and puts numbered tokens in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.domain.text import PiiSpan, Redacted
from service.triage.folding import Folded, compat
from service.triage.person_head import PersonHead
from service.triage.pii_context import find_addresses, find_chat_ids, find_names
from service.triage.pii_patterns import NUMBERS, WORDS, Found, find_ibans

TOKEN = re.compile(r"\[([A-Z][A-Z_]{1,15})_(\d{1,6})\]")
"""What stands in the place of personal data."""

_DIGITS = re.compile(r"\d(?:[^\n\d]{0,3}\d){4}|:[0-9A-Fa-f]{0,4}:")


class RuleRedactor:
    """Finds personal data in Chinese and English by patterns, checksums and context words, and
    names of people in Latin script by a stored head.

    Pure and safe to share between threads; time is linear in the length of the text.
    """

    def __init__(self, persons: PersonHead | None = None) -> None:
        """Without a head only names stated as such ("my name is ...") are found."""
        self._persons = persons

    def redact(self, text: str) -> Redacted:
        """Replace personal data by tokens numbered per kind and distinct value.

        Redacting a redacted text changes nothing. Offsets of the spans refer to `text`.
        """
        folded = compat(text)
        found = _resolve(list(self._candidates(folded.text)), _taken(folded.text))
        if not found:
            return Redacted(text=text)
        return _replace(text, folded, found)

    def _candidates(self, text: str) -> Iterator[Found]:
        """All findings, the stronger kinds first."""
        yield from find_ibans(text)
        yield from find_chat_ids(text)
        if _DIGITS.search(text):
            for pattern in NUMBERS:
                yield from pattern.find(text)
        for pattern in WORDS:
            yield from pattern.find(text)
        yield from find_addresses(text)
        yield from find_names(text)
        yield from self._named(text)

    def _named(self, text: str) -> Iterator[Found]:
        for start, end in self._persons.find(text) if self._persons else ():
            yield Found("NAME", start, end, text[start:end].casefold())


def _taken(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in TOKEN.finditer(text)]


def _resolve(candidates: Sequence[Found], taken: list[tuple[int, int]]) -> list[Found]:
    """Keep findings that do not overlap a stronger one or an existing token, by position."""
    occupied: set[int] = {i for start, end in taken for i in range(start, end)}
    kept: list[Found] = []
    for found in candidates:
        places = range(found.start, found.end)
        if occupied.isdisjoint(places):
            occupied.update(places)
            kept.append(found)
    return sorted(kept, key=lambda found: found.start)


def _replace(text: str, folded: Folded, found: Sequence[Found]) -> Redacted:
    tokens = _Tokens(text)
    pieces, spans, last = [], [], 0
    for item in found:
        start, end = folded.span(item.start, item.end)
        token = tokens.of(item)
        spans.append(PiiSpan(kind=item.kind, start=start, end=end, token=token))
        pieces += [text[last:start], token]
        last = end
    return Redacted(text="".join([*pieces, text[last:]]), spans=tuple(spans))


class _Tokens:
    """Numbers values per kind, after whatever numbers the text already holds."""

    def __init__(self, text: str) -> None:
        self._next: dict[str, int] = {}
        self._given: dict[tuple[str, str], str] = {}
        for kind, number in TOKEN.findall(text):
            self._next[kind] = max(self._next.get(kind, 0), int(number))

    def of(self, found: Found) -> str:
        key = (found.kind, found.value)
        if key not in self._given:
            self._next[found.kind] = self._next.get(found.kind, 0) + 1
            self._given[key] = f"[{found.kind}_{self._next[found.kind]}]"
        return self._given[key]
