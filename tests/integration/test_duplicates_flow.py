"""People merge and unmerge cases: authors, reach and the queue follow, nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import Application
from service.domain.duplicates import LinkVerdict, roots
from service.domain.triage import DuplicateKind
from service.errors import Conflict, InvalidInput, NotFound
from service.flows.duplicates import SimilarFilter
from service.ports.queries import GroupFilter

TEXTS = (
    "会员买了三天想申请退款，在哪里提交申请？",
    "会员买了三天想申请退款，在哪里提交申请",
    "地图里第二个传送点走进去人就卡墙里了",
    "请问周末的线下活动几点开始签到",
    "新版本打开相册就闪退，手机是安卓",
)


async def cases_of(application: Application, *texts: str) -> list[str]:
    items = [
        {"source": "qq", "external_id": f"m{n}", "author": f"author{n}", "text": text}
        for n, text in enumerate(texts)
    ]
    results = await application.ingest.ingest("acme", items)
    cases = [result.case_id or "" for result in results]
    await application.triage.run("acme", cases)
    return cases


async def state(application: Application, cases: list[str]) -> dict[str, tuple[str, int]]:
    """First case of the group and reach of each case."""
    found = {}
    for case in cases:
        group = await application.queries.group_of(case)
        async with application.uow() as uow:
            reach = await uow.reviews.reach(case)
        found[case] = (group.group.first_case_id if group else case, reach)
    return found


async def test_a_merge_joins_groups_and_keeps_every_author(application: Application) -> None:
    a, b, c, *_ = cases = await cases_of(application, *TEXTS)
    assert (await state(application, cases))[b] == (a, 2)
    await application.duplicates.merge("acme", [c, b], "ann")
    assert {one: (await state(application, cases))[one] for one in (a, b, c)} == {
        a: (a, 3),
        b: (a, 3),
        c: (a, 3),
    }
    view = await application.queries.group_of(c)
    assert view is not None
    assert view.group.kinds == ("exact", "merged")
    assert {(link.by, link.first_id, link.second_id) for link in view.links} == {
        (None, a, b),
        ("ann", b, c),
    }


async def test_a_second_merge_of_the_same_says_nothing_new(application: Application) -> None:
    a, b, c, *_ = await cases_of(application, *TEXTS)
    await application.duplicates.merge("acme", [a, b, c, a], "ann")
    await application.duplicates.merge("acme", [c, a], "ann")
    async with application.uow() as uow:
        net = await uow.duplicates.net([a])
    assert len(net.links) == 1


async def test_what_the_engine_joined_a_person_can_part_for_good(
    application: Application, clock: Any
) -> None:
    a, b, *_ = cases = await cases_of(application, *TEXTS)
    await application.duplicates.unmerge("acme", b, a, "ann")
    await application.duplicates.unmerge("acme", b, a, "ann")
    assert (await state(application, cases))[b] == (b, 1)
    clock.move(timedelta(minutes=1))
    again = {"source": "qq", "external_id": "more", "author": "author1", "text": "…"}
    await application.ingest.ingest("acme", [again])
    await application.triage.run("acme", [b])
    assert (await state(application, cases))[b] == (b, 1)


async def test_a_case_taken_out_leaves_the_others_together(application: Application) -> None:
    a, b, c, d, _ = cases = await cases_of(application, *TEXTS)
    await application.duplicates.merge("acme", [a, c, d], "ann")
    await application.duplicates.unmerge("acme", a, None, "ann")
    now = await state(application, cases)
    assert now[a] == (a, 1)
    assert {now[case] for case in (b, c, d)} == {(b, 3)}


async def test_cases_held_together_by_others_are_named(application: Application) -> None:
    _, b, c, d, _ = await cases_of(application, *TEXTS)
    await application.duplicates.merge("acme", [c, b], "ann")
    await application.duplicates.merge("acme", [c, d], "ann")
    with pytest.raises(Conflict) as refused:
        await application.duplicates.unmerge("acme", b, d, "ann")
    assert c in str(refused.value.details["linked_to"])


async def test_strangers_and_single_cases_are_refused(application: Application) -> None:
    a, *_ = await cases_of(application, *TEXTS)
    with pytest.raises(InvalidInput):
        await application.duplicates.merge("acme", [a, a], "ann")
    with pytest.raises(NotFound):
        await application.duplicates.merge("acme", [a, "case_none"], "ann")
    with pytest.raises(NotFound):
        await application.duplicates.unmerge("other", a, None, "ann")
    with pytest.raises(NotFound):
        await application.duplicates.similar("case_none")


STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), max_size=4)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS, st.integers(0, 4), st.integers(0, 4))
async def test_unmerging_is_the_inverse_of_merging(
    application: Application, steps: list[tuple[int, int, bool]], one: int, other: int
) -> None:
    cases = await cases_of(application, *TEXTS)
    duplicates = application.duplicates
    for left, right, joins in steps:
        if left == right:
            continue
        if joins:
            await duplicates.merge("acme", [cases[left], cases[right]], "ann")
        else:
            await duplicates.unmerge("acme", cases[left], None, "ann")
    before = await state(application, cases)
    if before[cases[one]][0] == before[cases[other]][0]:
        return
    await duplicates.merge("acme", [cases[one], cases[other]], "ann")
    await duplicates.unmerge("acme", cases[one], cases[other], "ann")
    assert await state(application, cases) == before


async def test_merging_and_triage_at_once_neither_fail_nor_split_a_group(
    application: Application, clock: Any
) -> None:
    a, b, c, d, e = await cases_of(application, *TEXTS)
    clock.move(timedelta(minutes=1))
    more = [
        {"source": "qq", "external_id": f"x{n}", "author": f"author{n}", "text": f"还有 {n}"}
        for n in range(5)
    ]
    await application.ingest.ingest("acme", more)
    fresh = [
        {"source": "qq", "external_id": f"y{n}", "author": f"new{n}", "text": TEXTS[n % 5]}
        for n in range(10)
    ]
    copies = [one.case_id or "" for one in await application.ingest.ingest("acme", fresh)]
    await asyncio.gather(
        application.triage.run("acme", [a, b, c, d, e]),
        application.triage.run("acme", copies),
        application.duplicates.merge("acme", [e, d], "ann"),
        application.duplicates.merge("acme", [c, a], "bob"),
        application.duplicates.merge("acme", [b, e], "eve"),
    )
    async with application.uow() as uow:
        net = await uow.duplicates.net([a])
    first = roots(net.cases, net.pairs)
    for case in net.cases:
        group = await application.queries.group_of(case)
        assert (group.group.first_case_id if group else case) == first[case]


async def test_the_queue_follows_reach(application: Application) -> None:
    a, b, c, *_ = await cases_of(application, *TEXTS)
    for case in (a, c):
        await application.draft.redraft(case)

    async def places() -> dict[str | None, float]:
        page = await application.queries.queue("acme")
        return {row.case_id: row.priority for row in page.items}

    before = await places()
    await application.duplicates.merge("acme", [b, c], "ann")
    merged = await places()
    assert merged[a] > before[a]
    assert merged[c] > before[c]
    await application.duplicates.unmerge("acme", b, c, "ann")
    assert await places() == before


async def test_a_new_duplicate_moves_the_waiting_task_up(application: Application) -> None:
    a, *_ = await cases_of(application, TEXTS[0])
    await application.draft.redraft(a)
    before = (await application.queries.queue("acme")).items[0].priority
    more = {"source": "qq", "external_id": "x", "author": "someone", "text": TEXTS[0]}
    (result,) = await application.ingest.ingest("acme", [more])
    await application.triage.run("acme", [result.case_id or ""])
    (row,) = (await application.queries.queue("acme")).items
    assert row.priority > before
    assert row.reach == 2


async def test_similar_cases_say_how_and_whether_they_are_joined(application: Application) -> None:
    a, b, *_ = await cases_of(application, *TEXTS)
    (same,) = await application.duplicates.similar(a, SimilarFilter(kind=DuplicateKind.EXACT))
    assert (same.case.id, same.grouped, same.said) == (b, True, None)
    await application.duplicates.unmerge("acme", a, b, "ann")
    (parted,) = await application.duplicates.similar(a, SimilarFilter(grouped=False), limit=1)
    assert parted.said is LinkVerdict.UNMERGED


async def test_groups_are_listed_by_what_holds_them(application: Application, clock: Any) -> None:
    a, b, c, d, _ = await cases_of(application, *TEXTS)
    await application.duplicates.merge("acme", [d, c], "ann")

    async def listed(**where: Any) -> list[str]:
        page = await application.queries.groups("acme", GroupFilter(**where))
        return [group.first_case_id for group in page.items]

    assert await listed() == [c, a]
    assert await listed(kind="exact") == [a]
    assert await listed(kind="merged") == [c]
    assert await listed(min_size=3) == []
    assert await listed(since=clock.now() + timedelta(days=1)) == []
    first = await application.queries.groups("acme", GroupFilter(), limit=1)
    second = await application.queries.groups("acme", GroupFilter(), cursor=first.cursor, limit=1)
    assert [one.first_case_id for one in (*first.items, *second.items)] == [c, a]
    assert second.cursor is None
    assert second.items[0].case_ids == (a, b)
