"""Messages of one author join into one request, or do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.case import BURST_GAP, BURST_LIMIT, THREAD_GAP, Case
from service.domain.message import NewMessage

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def case(**changes: object) -> Case:
    base = Case(
        id="case_1",
        community="acme",
        author="ann",
        source="qq",
        channel="main",
        thread=None,
        opened_at=NOON,
        last_at=NOON,
        size=1,
    )
    return base.model_copy(update=changes)


def item(**changes: object) -> NewMessage:
    base = NewMessage(source="qq", external_id="x", author="ann", text="hi", channel="main")
    return base.model_copy(update=changes)


def test_a_burst_joins() -> None:
    assert case().joins(item(), NOON + BURST_GAP)


def test_a_late_message_opens_a_new_case() -> None:
    assert not case().joins(item(), NOON + BURST_GAP + timedelta(seconds=1))


def test_a_thread_stays_open_longer() -> None:
    threaded = case(thread="t1")
    assert threaded.joins(item(thread="t1"), NOON + THREAD_GAP)
    assert not threaded.joins(item(thread="t1"), NOON + THREAD_GAP + timedelta(minutes=1))


@pytest.mark.parametrize("change", [{"author": "bob"}, {"channel": "other"}, {"source": "wechat"}])
def test_other_people_and_places_never_join(change: dict[str, str]) -> None:
    assert not case().joins(item(**change), NOON)


def test_another_thread_never_joins() -> None:
    assert not case(thread="t1").joins(item(thread="t2"), NOON)


def test_a_flood_does_not_grow_a_case_forever() -> None:
    assert not case(size=BURST_LIMIT).joins(item(), NOON)


def test_a_message_that_arrives_out_of_order_joins_backwards() -> None:
    assert case().joins(item(), NOON - BURST_GAP)
    assert not case().joins(item(), NOON - BURST_GAP - timedelta(seconds=1))
