"""A notice goes to the address for alerts, signed, with numbers and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from service.connectors.webhook_out import WebhookReceiver, notice_body
from service.domain.alert import Metric, MetricKind
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.deadline import Breach, BreachKind
from service.domain.notice import Notice, NoticeAlert, NoticeStatus, late_notice
from tests.plugins.receiver import HttpReceiver

NOW = datetime.now(UTC)
ALERT = NoticeAlert(
    alert_id="alert_1", metric=Metric(kind=MetricKind.VOLUME), level=4, baseline=2.5,
    observed=40, authors=31, started_at=NOW, last_at=NOW,
)  # fmt: skip
NOTICE = Notice(
    id="notice_1", community="zhujian", incident_id="inc_1", level=4, alerts=(ALERT,),
    status=NoticeStatus.PENDING, next_attempt_at=NOW, created_at=NOW,
)  # fmt: skip


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def sender() -> WebhookReceiver:
    return WebhookReceiver(
        secret="test-delivery-secret", timeout_s=5, allow_private=True, clock=Now()
    )


def community(**changes: Any) -> Community:
    return Community(id="zhujian", name=Bilingual(zh="竹简", en="Zhujian"), **changes)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


async def test_a_notice_is_signed_and_keyed(http_receiver: HttpReceiver) -> None:
    result = await sender().notify(NOTICE, community(alert_url=http_receiver.url))
    assert result.ok
    ((key, body, signed),) = http_receiver.arrived
    assert (key, signed, body["kind"]) == ("notice_1", True, "incident")
    assert body["alerts"][0]["observed"] == 40


def test_a_notice_of_late_cases_names_the_gravest() -> None:
    late = [breach(number, severity=number % 4) for number in range(150)]
    body = json.loads(notice_body(late_notice("n", "zhujian", late, to_send=True, now=NOW)))
    assert (body["kind"], body["level"], body["more"]) == ("deadline", 3, 50)
    assert [one["severity"] for one in body["late"]] == sorted(
        (one.severity or 0 for one in late), reverse=True
    )[:100]
    assert not {"incident_id", "alerts"} & set(body)
    assert not set(texts(body)) & {"text", "payload", "author", "reply_to", "channel", "thread"}


def breach(number: int, *, severity: int) -> Breach:
    return Breach(
        id=f"brc_{number}", case_id=f"case_{number}", community="zhujian",
        kind=BreachKind.BREACHED, department="product", severity=severity, due_at=NOW, at=NOW,
    )  # fmt: skip


async def test_replies_and_notices_never_share_an_address() -> None:
    only_replies = community(delivery_url="http://127.0.0.1:9/replies")
    result = await sender().notify(NOTICE, only_replies)
    assert (result.ok, result.permanent) == (False, True)


def test_a_notice_has_no_field_for_a_text() -> None:
    names = set(texts(json.loads(notice_body(NOTICE))))
    assert not names & {"text", "payload", "author", "reply_to", "channel", "thread"}
