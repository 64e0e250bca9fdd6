"""A case's messages as reviewers and API clients see them: personal data left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from service.domain.case import CaseText
from service.domain.text import PiiSpan
from service.domain.triage import Triage
from service.ports.engines import Redactor


class Said(NamedTuple):
    """One message; `judged` is False for what came in after the triage."""

    at: datetime
    text: str
    judged: bool


def said(case: CaseText, triage: Triage | None, redactor: Redactor) -> tuple[Said, ...]:
    """The messages, redacted by the spans triage found, so that tokens carry the same numbers.

    Spans count characters of the joined text at the time of triage; where they do not reproduce
    the stored redaction (a message came in between), each message is redacted by itself.
    """
    seen = triage.case_size if triage else 0
    texts = [message.text for message in case.messages]
    cut = _as_judged(texts[:seen], triage)
    if cut is None:
        cut, fresh = [], texts
    else:
        fresh = texts[seen:]
    cut += [redactor.redact(text).text for text in fresh]
    return tuple(
        Said(message.sent_at, text, number < seen)
        for number, (message, text) in enumerate(zip(case.messages, cut, strict=True))
    )


def without_personal_data(case: CaseText, triage: Triage | None, redactor: Redactor) -> CaseText:
    """The case with each message's text as `said` shows it."""
    shown = said(case, triage, redactor)
    messages = tuple(
        message.model_copy(update={"text": one.text})
        for message, one in zip(case.messages, shown, strict=True)
    )
    return case.model_copy(update={"messages": messages})


def _as_judged(texts: list[str], triage: Triage | None) -> list[str] | None:
    if triage is None:
        return None
    redacted = triage.judgement.redacted
    cut = list(_redacted_each(texts, redacted.spans))
    return cut if "\n".join(cut) == redacted.text else None


def _redacted_each(texts: list[str], spans: tuple[PiiSpan, ...]) -> Iterator[str]:
    start = 0
    for text in texts:
        end = start + len(text)
        yield _replace(text, start, [s for s in spans if start <= s.start and s.end <= end])
        start = end + 1


def _replace(text: str, offset: int, spans: list[PiiSpan]) -> str:
    for span in sorted(spans, key=lambda one: one.start, reverse=True):
        text = text[: span.start - offset] + span.token + text[span.end - offset :]
    return text
