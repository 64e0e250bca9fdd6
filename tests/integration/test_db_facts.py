"""Messages, cases and triages as the repositories keep them."""

from __future__ import annotations

import asyncio
import time

import pytest

from service.errors import Conflict
from service.ports.queries import CaseFilter, Queries
from service.ports.store import CaseKey, UowFactory
from tests.plugins import _facts as facts


@pytest.fixture(autouse=True)
async def _community(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.communities.save(facts.community(staff=frozenset({"mod", "bot"})))
        await uow.commit()


async def test_a_community_comes_back_and_can_be_changed(uow_factory: UowFactory) -> None:
    changed = facts.community(delivery_url="https://example.test/hook")
    async with uow_factory() as uow:
        assert (await uow.communities.get("acme")) == facts.community(
            staff=frozenset({"mod", "bot"})
        )
        await uow.communities.save(changed)
        await uow.commit()
    async with uow_factory() as uow:
        assert await uow.communities.all() == (changed,)
        assert await uow.communities.get("nobody") is None


async def test_without_commit_nothing_stays(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case()])
    async with uow_factory() as uow:
        assert await uow.cases.texts(["case_1"]) == {}


async def test_a_message_keeps_everything_but_nul(uow_factory: UowFactory) -> None:
    stored = facts.message(text="零\x00宽 😀 'quoted' %s {x} \\", thread="t\x00", reply_to="m0")
    async with uow_factory() as uow:
        await uow.cases.save([facts.case()])
        await uow.messages.add([stored])
        await uow.commit()
        known = await uow.messages.known("acme", {("qq", "msg_1"), ("qq", "other")})
    assert known == {
        ("qq", "msg_1"): stored.model_copy(
            update={"text": stored.text.replace("\x00", "\ufffd"), "thread": "t\ufffd"}
        )
    }


async def test_a_repeated_message_leaves_the_first(
    uow_factory: UowFactory, queries: Queries
) -> None:
    first = facts.message("m1", external_id="x")
    async with uow_factory() as uow:
        await uow.cases.save([facts.case()])
        await uow.messages.add([first, facts.message("m2", external_id="x", text="again")])
        await uow.messages.add([facts.message("m3", external_id="x", text="again")])
        await uow.commit()
        assert await uow.messages.known("acme", {("qq", "x")}) == {("qq", "x"): first}
    assert (await queries.counts("acme")).messages == 1


async def test_a_message_of_an_unknown_case_is_a_conflict(uow_factory: UowFactory) -> None:
    with pytest.raises(Conflict):  # noqa: PT012 - the block itself raises
        async with uow_factory() as uow:
            await uow.messages.add([facts.message()])
            await uow.commit()


async def test_the_newest_case_of_each_place_is_found(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.cases.save(
            [
                facts.case("c1", last_at=facts.at(1)),
                facts.case("c2", last_at=facts.at(2)),
                facts.case("c3", last_at=facts.at(3), thread="t"),
                facts.case("c4", last_at=facts.at(4), channel="other"),
            ]
        )
        keys = [
            CaseKey("ann", "qq", "main", None),
            CaseKey("ann", "qq", "main", "t"),
            CaseKey("bob", "qq", "main", None),
        ]
        latest = await uow.cases.latest("acme", keys)
        assert {key: case.id for key, case in latest.items()} == {keys[0]: "c2", keys[1]: "c3"}
        assert await uow.cases.latest("other", keys) == {}


async def test_a_case_reads_as_its_messages_in_order(uow_factory: UowFactory) -> None:
    grown = facts.case(size=2, last_at=facts.at(2))
    async with uow_factory() as uow:
        await uow.cases.save([facts.case()])
        await uow.cases.save([grown])
        await uow.messages.add(
            [
                facts.message("m2", text="第二", sent_at=facts.at(2)),
                facts.message("m1", text="第一", sent_at=facts.at(0)),
            ]
        )
        (text,) = (await uow.cases.texts(["case_1", "none"])).values()
    assert text.case == grown
    assert text.text == "第一\n第二"


async def test_pending_follows_what_triages_saw(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case("old"), facts.case("new", last_at=facts.at(5))])
        assert await uow.triages.pending(10) == (("acme", "old"), ("acme", "new"))
        await uow.triages.add([facts.triage(case_id="old")])
        assert await uow.triages.pending(10) == (("acme", "new"),)
        await uow.cases.save([facts.case("old", size=2, last_at=facts.at(9))])
        assert await uow.triages.pending(10) == (("acme", "new"), ("acme", "old"))
        assert await uow.triages.pending(1) == (("acme", "new"),)


async def test_a_second_triage_by_the_same_engine_is_ignored(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case()])
        first = facts.triage("t1", text="号码 [PHONE_1]\x00")
        await uow.triages.add([first])
        await uow.triages.add([facts.triage("t2", category="praise")])
        found = (await uow.triages.latest(["case_1"]))["case_1"]
        assert found.id == "t1"
        assert found.judgement.redacted.text == "号码 [PHONE_1]\ufffd"
        await uow.triages.add([facts.triage("t3", heads="2", created_at=facts.at(1))])
        assert (await uow.triages.latest(["case_1"]))["case_1"].id == "t3"


async def test_a_late_triage_of_fewer_messages_does_not_outrank(
    uow_factory: UowFactory, queries: Queries
) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case(size=2)])
        await uow.triages.add([facts.triage("t2", case_size=2, category="refund")])
        late = facts.triage("t1", category="bug", created_at=facts.at(9))
        await uow.triages.add([late])
        assert (await uow.triages.latest(["case_1"]))["case_1"].id == "t2"
        await uow.commit()
    (row,) = (await queries.cases("acme", CaseFilter())).items
    assert row.category == "refund"
    assert [one.id for one in await queries.triages_of("case_1")] == ["t2", "t1"]


async def test_the_earliest_case_with_a_hash(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case("c1"), facts.case("c2"), facts.case("c3")])
        await uow.triages.add(
            [
                facts.triage("t2", "c2", content_hash="a"),
                facts.triage("t1", "c1", content_hash="a"),
                facts.triage("t3", "c3", content_hash="b", created_at=facts.at(1)),
            ]
        )
        found = await uow.triages.first_with_hash("acme", ["a", "b", "z"])
        assert found == {"a": "c1", "b": "c3"}
        assert await uow.triages.first_with_hash("other", ["a"]) == {}


async def test_the_ingest_lock_makes_one_wait_for_the_other(uow_factory: UowFactory) -> None:
    order: list[str] = []

    async def hold(name: str, seconds: float) -> None:
        async with uow_factory() as uow:
            await uow.cases.lock("acme")
            order.append(f"{name} in")
            await asyncio.sleep(seconds)
            order.append(f"{name} out")

    first = asyncio.create_task(hold("first", 0.2))
    await asyncio.sleep(0.1)
    async with uow_factory() as uow:
        await uow.cases.lock("another")
        order.append("other community")
    await asyncio.gather(first, hold("second", 0))
    assert order == ["first in", "other community", "first out", "second in", "second out"]


async def test_a_thousand_messages_are_one_quick_transaction(
    uow_factory: UowFactory, queries: Queries
) -> None:
    cases = [facts.case(f"c{i}", author=f"a{i}") for i in range(1000)]
    messages = [facts.message(f"m{i}", case_id=f"c{i}") for i in range(1000)]
    start = time.process_time()
    async with uow_factory() as uow:
        await uow.cases.lock("acme")
        await uow.cases.save(cases)
        await uow.messages.add(messages)
        await uow.commit()
    # The processor time of our side; the wall clock of a shared machine tells little.
    assert time.process_time() - start < 0.3
    counted = await queries.counts("acme")
    assert (counted.messages, counted.cases, counted.untriaged) == (1000, 1000, 1000)
