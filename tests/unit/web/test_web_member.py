"""A case's messages: one by one, with personal data left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.case import Case, CaseText
from service.domain.message import Message
from service.domain.triage import Triage
from service.triage.redaction import RuleRedactor
from service.web.member import said
from tests.plugins.web import KeywordTriager

AT = datetime(2026, 4, 1, tzinfo=UTC)
PHONE = "13812345678"


def case(*texts: str) -> CaseText:
    messages = tuple(
        Message(
            id=f"m{n}",
            community="acme",
            source="s",
            external_id=f"m{n}",
            author="a",
            text=text,
            sent_at=AT + timedelta(minutes=n),
            received_at=AT,
            case_id="c",
        )
        for n, text in enumerate(texts)
    )
    return CaseText(
        case=Case(
            id="c",
            community="acme",
            author="a",
            source="s",
            channel="",
            thread=None,
            opened_at=AT,
            last_at=AT,
            size=len(texts),
        ),
        messages=messages,
    )


@pytest.fixture(scope="module")
def triager() -> KeywordTriager:
    return KeywordTriager()


def triage(triager: KeywordTriager, given: CaseText, size: int) -> Triage:
    text = "\n".join(message.text for message in given.messages[:size])
    (judged,) = triager.judge([text], [AT])
    return Triage(
        id="t",
        case_id="c",
        community="acme",
        case_size=size,
        judgement=judged.judgement,
        duplicate_of=None,
        content_hash="h",
        created_at=AT,
    )


def test_each_message_keeps_its_time_and_loses_its_numbers(triager: KeywordTriager) -> None:
    given = case(f"电话 {PHONE}\n急", "第二条", f"还是 {PHONE}")
    shown = said(given, triage(triager, given, 3), RuleRedactor())
    assert [one.at.minute for one in shown] == [0, 1, 2]
    assert (
        "\n".join(one.text for one in shown)
        == triager.judge([given.text], [AT])[0].judgement.redacted.text
    )
    assert all(one.judged for one in shown)
    assert PHONE not in str(shown)


def test_what_came_later_is_redacted_and_marked(triager: KeywordTriager) -> None:
    given = case("第一条", f"我的电话是 {PHONE}")
    shown = said(given, triage(triager, given, 1), RuleRedactor())
    assert [one.judged for one in shown] == [True, False]
    assert PHONE not in shown[1].text


def test_without_triage_everything_is_redacted(triager: KeywordTriager) -> None:
    shown = said(case(f"电话 {PHONE}"), None, RuleRedactor())
    assert PHONE not in shown[0].text
    assert not shown[0].judged


def test_spans_that_do_not_fit_never_leak(triager: KeywordTriager) -> None:
    given = case(f"电话 {PHONE}", "好的")
    other = triage(triager, case("别的话", f"{PHONE}"), 2)
    shown = said(given, other, RuleRedactor())
    assert len(shown) == 2
    assert PHONE not in str(shown)
