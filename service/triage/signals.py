"""Deterministic findings in a redacted text. They only ever raise a severity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.domain.triage import Signal, SignalKind
from service.triage.bank import Bank, Finding
from service.triage.evasion import Unmasker
from service.triage.folding import Folded, Unsplit, fold, unsplit
from service.triage.redaction import TOKEN

_LOOKALIKE = "\u0391-\u03bb\u03bd-\u03c9\u0400-\u04ff\u0531-\u0586"
_TRICKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("hidden", re.compile(r"(?<=\w)[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+(?=\w)")),
    ("lookalike", re.compile(rf"[A-Za-z][{_LOOKALIKE}]|[{_LOOKALIKE}][A-Za-z]")),
    ("fullwidth", re.compile(r"[Ａ-Ｚａ-ｚ]{2,}")),
    ("styled", re.compile(r"[\U0001d400-\U0001d7ff\u24b6-\u24e9\U0001f130-\U0001f189]{2,}")),
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。]{3,400}|\b(?:t\.me|bit\.ly|t\.cn|wa\.me)/\S{2,200}", re.I)  # fmt: skip  # noqa: E501
_FLOOD = re.compile(r"([^\W\d_哈呵嘿嘻啊呜hHaAwW])\1{14,}|([^\s]{3,12}?)\2{5,}")
_MENTION = re.compile(r"(?<![\w.])@[^\s@]{1,40}|@(?:所有人|全体成员|everyone|here|all)")
_MANY_MENTIONS = 5
_MOST = 5
_NOISE_CATEGORY = "chat"
_NOT_WORDS = re.compile(r"[\W_]+")


PHRASE = 0.95
"""Confidence stated for a category that a phrase demands; nominal, phrases are not calibrated."""


class Scan(NamedTuple):
    """Findings of one text. `forced` is the category they demand, `folded` the search form, `sure`
    the confidence stated for the demanded category."""

    signals: tuple[Signal, ...]
    forced: str | None
    floor: int
    noise: bool
    folded: str
    sure: float = PHRASE

    def has(self, kind: SignalKind) -> bool:
        """Whether a finding of this family is there."""
        return any(signal.kind is kind for signal in self.signals)


class Scanner:
    """Finds signals with a bank. Pure and safe to share between threads; linear in the text."""

    def __init__(self, bank: Bank) -> None:
        self._bank, self._unmasker = bank, Unmasker(bank.words())

    @property
    def version(self) -> str:
        """Version of the bank behind the findings."""
        return self._bank.version

    def scan(self, text: str) -> Scan:
        """All findings of a redacted text; offsets refer to it."""
        folded = fold(text)
        joined = unsplit(folded)
        findings = self._bank.match(joined.folded.text)
        unmasked = (
            *self._written(folded, joined, findings),
            *self._unmasked(joined.folded, findings),
        )
        noise = tuple(self._noise(folded))
        signals = (
            *_personal(text),
            *(_signal(finding, joined.folded) for finding in findings),
            *(signal for found in unmasked for signal in found.signals()),
            *_split_evasion(findings, joined),
            *_tricks(text),
            *_spam_marks(text),
            *noise,
        )
        rules = [found.rule for found in (*findings, *(item.finding for item in unmasked))]
        demanded = [rule.category for rule in rules if rule.category]
        forced = next(iter(demanded), _NOISE_CATEGORY if noise else None)
        floor = max((rule.floor or 0 for rule in rules), default=0)
        return Scan(signals, forced, floor, bool(noise), folded.text)

    def _written(
        self, folded: Folded, joined: Unsplit, known: Sequence[Finding]
    ) -> Iterator[_Unmasked]:
        """What the bank finds in the text as written alone: joining glyphs must lose nothing."""
        seen = {(f.rule.code, *joined.folded.span(f.start, f.end)) for f in known}
        for finding in self._bank.match(folded.text) if joined.runs else ():
            span = folded.span(finding.start, finding.end)
            if not _covered(finding.rule.code, span, seen):
                yield _Unmasked(finding, span, "")

    def _unmasked(self, folded: Folded, known: Sequence[Finding]) -> Iterator[_Unmasked]:
        """What the bank finds only after disguises are taken off."""
        seen = {(finding.rule.code, *folded.span(finding.start, finding.end)) for finding in known}
        for plain in self._unmasker.plain(folded):
            for finding in self._bank.match(plain.folded.text):
                hidden = [c for c in plain.changed if c[0] < finding.end and finding.start < c[1]]
                span = plain.folded.span(finding.start, finding.end)
                if hidden and not _covered(finding.rule.code, span, seen):
                    seen.add((finding.rule.code, *span))
                    yield _Unmasked(finding, span, hidden[0][2])

    def _noise(self, folded: Folded) -> Iterator[Signal]:
        words = _NOT_WORDS.sub("", folded.text)
        if not words:
            yield Signal(kind=SignalKind.NOISE, code="no_words")
            return
        rule = self._bank.match_whole(words) or self._bank.match_whole(folded.text.strip())
        if rule:
            yield Signal(kind=rule.kind, code=rule.code)


class _Unmasked(NamedTuple):
    """A finding in another reading of the text; `span` are offsets of the redacted text, `code`
    says how it was disguised, "" when it was not."""

    finding: Finding
    span: tuple[int, int]
    code: str

    def signals(self) -> Iterator[Signal]:
        """What was found, and that it was hidden."""
        start, end = self.span
        rule = self.finding.rule
        yield Signal(kind=rule.kind, code=rule.code, start=start, end=end, floor=rule.floor)
        if self.code:
            yield Signal(kind=SignalKind.EVASION, code=self.code, start=start, end=end)


def _covered(code: str, span: tuple[int, int], seen: set[tuple[str, int, int]]) -> bool:
    return any(code == known and s < span[1] and span[0] < e for known, s, e in seen)


def _signal(finding: Finding, folded: Folded) -> Signal:
    start, end = folded.span(finding.start, finding.end)
    rule = finding.rule
    return Signal(kind=rule.kind, code=rule.code, start=start, end=end, floor=rule.floor)


def _personal(text: str) -> Iterator[Signal]:
    for match in TOKEN.finditer(text):
        kind = match[1].lower()
        yield Signal(kind=SignalKind.PII, code=kind, start=match.start(), end=match.end())


def _split_evasion(findings: tuple[Finding, ...], joined: Unsplit) -> Iterator[Signal]:
    for start, end in joined.runs:
        if any(finding.start < end and start < finding.end for finding in findings):
            first, last = joined.folded.span(start, end)
            yield Signal(kind=SignalKind.EVASION, code="split", start=first, end=last)


def _tricks(text: str) -> Iterator[Signal]:
    if text.isascii():
        return
    for code, expression in _TRICKS:
        match = expression.search(text)
        if match:
            start, end = match.span()
            yield Signal(kind=SignalKind.EVASION, code=code, start=start, end=end)


def _spam_marks(text: str) -> Iterator[Signal]:
    for match, _ in zip(_LINK.finditer(text), range(_MOST), strict=False):
        start, end = match.span()
        yield Signal(kind=SignalKind.SPAM, code="link", start=start, end=end)
    flood = _FLOOD.search(text)
    if flood:
        start, end = flood.span()
        yield Signal(kind=SignalKind.SPAM, code="flood", start=start, end=end)
    if text.count("@") >= _MANY_MENTIONS and len(_MENTION.findall(text)) >= _MANY_MENTIONS:
        yield Signal(kind=SignalKind.SPAM, code="mass_mention")
