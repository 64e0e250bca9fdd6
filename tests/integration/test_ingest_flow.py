"""Batches of messages: stored once, joined into cases, answered item by item."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import Application
from service.domain.message import MAX_TEXT, IngestStatus
from service.errors import InvalidInput, NotFound
from service.flows.ingest import MAX_BATCH

ACCEPTED, DUPLICATE, REJECTED = IngestStatus.ACCEPTED, IngestStatus.DUPLICATE, IngestStatus.REJECTED


def item(external_id: str = "m1", **changes: Any) -> dict[str, Any]:
    base = {"source": "qq", "external_id": external_id, "author": "ann", "text": "同步失败了"}
    return base | changes


async def test_a_message_is_stored_with_its_case(application: Application) -> None:
    (result,) = await application.ingest.ingest("acme", [item(text="  hello\r\nworld\x00 ")])
    assert result.status is ACCEPTED
    async with application.uow() as uow:
        text = (await uow.cases.texts([result.case_id or ""]))[result.case_id or ""]
    assert text.text == "hello\nworld"
    assert text.case.size == 1


async def test_the_same_message_again_changes_nothing(application: Application) -> None:
    (first,) = await application.ingest.ingest("acme", [item()])
    (again,) = await application.ingest.ingest("acme", [item()])
    assert again.status is DUPLICATE
    assert (again.message_id, again.case_id) == (first.message_id, first.case_id)
    assert (await application.queries.counts("acme")).messages == 1


async def test_an_id_twice_in_one_batch_is_stored_once(application: Application) -> None:
    results = await application.ingest.ingest("acme", [item(), item(text="other words")])
    assert [result.status for result in results] == [ACCEPTED, DUPLICATE]
    assert results[1].code == "text_differs"


async def test_a_burst_becomes_one_case_and_a_later_message_another(
    application: Application, clock: Any
) -> None:
    start = clock.now()
    items = [
        item("a", sent_at=start),
        item("b", sent_at=start + timedelta(minutes=2)),
        item("c", sent_at=start + timedelta(minutes=30)),
        item("d", sent_at=start + timedelta(minutes=2), author="bob"),
    ]
    results = await application.ingest.ingest("acme", items)
    cases = [result.case_id for result in results]
    assert cases[0] == cases[1]
    assert len(set(cases)) == 3


async def test_a_burst_joins_across_calls(application: Application, clock: Any) -> None:
    (first,) = await application.ingest.ingest("acme", [item("a")])
    clock.move(timedelta(minutes=1))
    (second,) = await application.ingest.ingest("acme", [item("b")])
    assert first.case_id == second.case_id


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": ""}, "empty_text"),
        ({"text": " \u200b\u3000"}, "empty_text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "bad_text"),
        ({"text": 7}, "bad_text"),
        ({"external_id": "x" * 201}, "bad_external_id"),
        ({"author": ""}, "bad_author"),
        ({"sent_at": "yesterday"}, "bad_sent_at"),
        ({"sent_at": "2026-04-01T09:00:00"}, "bad_sent_at"),
        ({"sent_at": "1815-06-18T12:00:00Z"}, "bad_sent_at"),
        ({"sent_at": "2031-01-01T00:00:00Z"}, "bad_sent_at"),
        ({"colour": "red"}, "bad_colour"),
    ],
)
async def test_a_bad_item_is_named_and_its_batch_survives(
    application: Application, change: dict[str, Any], code: str
) -> None:
    results = await application.ingest.ingest("acme", [item("bad") | change, item("good")])
    assert [result.status for result in results] == [REJECTED, ACCEPTED]
    assert results[0].code == code
    assert results[0].detail


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{7*7}} ${x} %s",
        "混合mixed текст 文字",
        "加\u200b微\u200b信",
        "👍",
    ],
)
async def test_strange_but_harmless_texts_are_kept(application: Application, text: str) -> None:
    (result,) = await application.ingest.ingest("acme", [item(text=text)])
    async with application.uow() as uow:
        stored = (await uow.cases.texts([result.case_id or ""]))[result.case_id or ""]
    assert stored.text == text


@pytest.mark.parametrize("raw", ["text", None, 7, ["a"]])
async def test_items_that_are_no_objects_are_rejected(
    application: Application, raw: object
) -> None:
    (result,) = await application.ingest.ingest("acme", [raw])
    assert (result.status, result.code) == (REJECTED, "bad_item")


async def test_an_unknown_community_is_an_error(application: Application) -> None:
    with pytest.raises(NotFound):
        await application.ingest.ingest("nowhere", [item()])


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
async def test_the_size_of_a_batch_is_bounded(application: Application, count: int) -> None:
    with pytest.raises(InvalidInput):
        await application.ingest.ingest("acme", [item(str(n)) for n in range(count)])


async def test_concurrent_retries_store_each_message_once(application: Application) -> None:
    items = [item(str(n)) for n in range(60)]
    answers = await asyncio.gather(*(application.ingest.ingest("acme", items) for _ in range(6)))
    accepted = [r.external_id for answer in answers for r in answer if r.status is ACCEPTED]
    assert sorted(accepted) == sorted({str(n) for n in range(60)})
    assert (await application.queries.counts("acme")).messages == 60


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=8)), min_size=1, max_size=5))
def test_any_objects_get_an_answer_each(raws: list[dict[str, str]]) -> None:
    from service.bootstrap import SystemClock, TimeOrderedIds
    from service.flows.ingest import _Batch

    batch = _Batch("acme", SystemClock().now(), TimeOrderedIds())
    for index, raw in enumerate(raws):
        batch.take(index, raw)
    batch.settle({}, {})
    assert [result.index for result in batch.answers()] == list(range(len(raws)))
