"""Themes of a community: ids last, later cases find their place, people's changes stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from service.bootstrap import Application
from service.domain.base import Bilingual, Lang
from service.domain.theme import ThemeLevel, ThemeStatus
from service.domain.views import ThemeRow
from service.errors import Conflict, InvalidInput, NotFound, TransientProviderError
from service.flows.theme_desk import ThemePatch
from service.flows.theme_material import without_name
from service.flows.theme_names import ThemeNamesFlow
from service.llm.scripted import ScriptedChat
from service.ports.jobs import Job
from service.ports.queries import CaseFilter, ThemeFilter

PDF = "导出 PDF 之后全是空白页，空白页没有内容，怎么办"
SYNC = "同步冲突，笔记多出冲突副本，同步总是冲突"
PAY = "会员被重复扣款，重复扣款两次，请退款"


async def tell(application: Application, texts: Sequence[str], start: int = 0) -> list[str]:
    """Ingest and triage one case an author; their ids."""
    items = [
        {"source": "qq", "external_id": f"m{start + n}", "author": f"u{start + n}", "text": text}
        for n, text in enumerate(texts)
    ]
    results = await application.ingest.ingest("acme", items)
    ids = [result.case_id or "" for result in results]
    await application.triage.run("acme", ids)
    return ids


def many(*texts: str, each: int = 8, first: int = 0) -> list[str]:
    return [f"{text}，第 {first + n} 次" for text in texts for n in range(each)]


async def rows(
    application: Application, level: ThemeLevel = ThemeLevel.THEME, **more: Any
) -> tuple[ThemeRow, ...]:
    where = ThemeFilter(level=level, **more)
    return (await application.queries.themes("acme", where, now=application.clock.now())).items


async def theme_of(application: Application, case_id: str) -> str | None:
    async with application.uow() as uow:
        return (await uow.themes.members("acme")).get(case_id)


def test_the_communitys_name_names_no_theme() -> None:
    unnamed = without_name(Bilingual(zh="竹简笔记", en="Zhujian Notes"))
    assert unnamed("竹简笔记同步失败").split() == ["同步失败"]
    assert unnamed("zhujian keeps crashing").split() == ["keeps", "crashing"]
    assert without_name(Bilingual(zh="", en=""))("同步失败") == "同步失败"


async def test_a_run_counts_feedback_and_leaves_small_talk_out(application: Application) -> None:
    ids = await tell(application, [*many(PDF), "收到", "谢谢"])
    run = await application.themes.run("acme")
    assert run.clustered + run.unclustered <= 8
    found = await rows(application)
    assert sum(theme.size for theme in found) == run.clustered > 0
    assert all(theme.authors <= theme.size for theme in found)
    assert sum(found[0].trend) == found[0].size
    assert await theme_of(application, ids[-1]) is None


async def test_an_empty_community_has_no_themes(application: Application) -> None:
    run = await application.themes.run("acme")
    assert (run.clustered, run.unclustered) == (0, 0)
    assert await rows(application) == ()
    runs = await application.queries.theme_runs("acme")
    assert [one.unclustered_share for one in runs.items] == [0.0]


async def test_ids_and_what_people_set_survive_the_next_run(
    application: Application, clock: Any
) -> None:
    ids = await tell(application, many(PDF, SYNC, PAY))
    await application.themes.run("acme")
    before = {case: await theme_of(application, case) for case in (ids[0], ids[8], ids[16])}
    patch = ThemePatch(
        name=Bilingual(zh="空白 PDF", en="Blank PDFs"), owner="lin", status=ThemeStatus.IN_PROGRESS
    )
    theme_id = before[ids[0]] or ""
    await application.theme_desk.update(theme_id, "ann", patch)
    clock.move(timedelta(days=7))
    await tell(application, many(PDF, SYNC, PAY, each=4, first=8), start=100)
    await application.themes.run("acme")
    assert {case: await theme_of(application, case) for case in before} == before
    row = next(one for one in await rows(application) if one.theme_id == theme_id)
    assert (row.name_en, row.owner, row.status) == ("Blank PDFs", "lin", ThemeStatus.IN_PROGRESS)
    assert row.size == 12
    assert row.growth > 0
    view = await application.queries.theme(theme_id, now=clock.now(), min_authors=1)
    assert view is not None
    assert [one.size for one in view.seen] == [12, 8]
    assert [one.by for one in view.changes] == ["ann"]


async def test_a_later_case_is_placed_in_the_nearest_theme(application: Application) -> None:
    ids = await tell(application, many(PDF, SYNC))
    await application.themes.run("acme")
    [near, far] = await tell(application, [f"{PDF}，第 99 次", "请问社区周末读书会几点开始？"], 100)
    assert await application.themes.place("acme", [near, far]) == 1
    assert await theme_of(application, near) == await theme_of(application, ids[0])
    assert await theme_of(application, far) is None
    assert sum(row.size for row in await rows(application)) == 17


async def test_triage_hands_its_cases_on_to_be_placed(application: Application) -> None:
    ids = await tell(application, many(PDF))
    await application.themes.run("acme")
    later = await tell(application, [f"{PDF}，第 50 次"], start=100)
    await application.handlers()[Job.PLACE]({"community": "acme", "case_ids": later})
    assert await theme_of(application, later[0]) == await theme_of(application, ids[0])
    await application.handlers()[Job.NAME]({"community": "acme"})
    assert [row.size for row in await rows(application)] == [9]


async def test_without_a_run_nothing_is_placed(application: Application) -> None:
    ids = await tell(application, many(PDF, each=2))
    assert await application.themes.place("acme", ids) == 0


async def test_a_merge_by_people_outlasts_the_next_run(application: Application) -> None:
    ids = await tell(application, many(PDF, SYNC))
    await application.themes.run("acme")
    pdf, sync = [await theme_of(application, case) or "" for case in (ids[0], ids[8])]
    assert pdf != sync
    merged = await application.theme_desk.merge(pdf, [sync], "ann")
    assert merged.size == 16
    await application.themes.run("acme")
    assert {await theme_of(application, case) for case in ids} == {pdf}
    assert [row.theme_id for row in await rows(application)] == [pdf]
    view = await application.queries.theme(sync, now=application.clock.now(), min_authors=1)
    assert view is not None
    assert (view.merged_into, [link.by for link in view.links]) == (pdf, ["ann"])
    with pytest.raises(Conflict):
        await application.theme_desk.update(sync, "ann", ThemePatch(owner="x"))


async def test_what_cannot_be_merged_is_refused(application: Application) -> None:
    ids = await tell(application, many(PDF))
    await application.themes.run("acme")
    theme_id = await theme_of(application, ids[0]) or ""
    with pytest.raises(InvalidInput):
        await application.theme_desk.merge(theme_id, [theme_id], "ann")
    with pytest.raises(NotFound):
        await application.theme_desk.merge(theme_id, ["theme_none"], "ann")


async def test_few_people_are_not_named(application: Application) -> None:
    texts = many(PDF)
    items = [
        {"source": "qq", "external_id": f"s{n}", "author": f"u{n % 2}", "text": text,
         "thread": f"t{n}"}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    results = await application.ingest.ingest("acme", items)
    await application.triage.run("acme", [result.case_id or "" for result in results])
    await application.themes.run("acme")
    [shown] = await rows(application, min_authors=2)
    [hidden] = await rows(application, min_authors=3)
    assert (shown.hidden, hidden.hidden) == (False, True)
    assert shown.name_zh
    assert (hidden.name_zh, hidden.keywords_zh, hidden.keywords_en) == ("", (), ())
    now = application.clock.now()
    view = await application.queries.theme(shown.theme_id, now=now, min_authors=3)
    assert view is not None
    assert view.samples == ()


async def test_everybody_is_told_once_it_is_resolved(application: Application) -> None:
    ids = await tell(application, many(PDF))
    await application.themes.run("acme")
    theme_id = await theme_of(application, ids[0]) or ""
    with pytest.raises(Conflict):
        await application.theme_desk.tell(theme_id, "ann", note="修好了", replies=True, post=None)
    await application.theme_desk.update(theme_id, "ann", ThemePatch(status=ThemeStatus.RESOLVED))
    told = await application.theme_desk.tell(
        theme_id, "ann", note="3.2.2 已修好", replies=True, post=Lang.ZH
    )
    assert told.replies == 8
    async with application.uow() as uow:
        request = await uow.posts.get(told.post_id or "")
    assert request is not None
    assert (request.brief.kind, request.brief.points) == ("loop_closed", ("3.2.2 已修好",))
    payload = {"case_id": ids[0], "instruction": "3.2.2 已修好"}
    await application.handlers()[Job.CLOSE](payload)
    async with application.uow() as uow:
        found = await uow.drafts.latest_for_case(ids[0])
        assert found is not None
        assert await uow.reviews.answered(found[0].id) is False
    assert await application.queries.task_of_case(ids[0]) is not None


async def test_cases_of_a_theme_and_of_its_topic(application: Application) -> None:
    ids = await tell(application, many(PDF, SYNC, PAY))
    await application.themes.run("acme")
    theme_id = await theme_of(application, ids[0])
    page = await application.queries.cases("acme", CaseFilter(theme_id=theme_id))
    assert {row.case_id for row in page.items} == set(ids[:8])
    for topic in await rows(application, ThemeLevel.TOPIC):
        below = await rows(application, parent_id=topic.theme_id)
        assert topic.size == sum(one.size for one in below)


async def test_themes_are_paged_largest_first(application: Application) -> None:
    await tell(application, [*many(PDF, each=9), *many(SYNC, PAY, each=7)])
    await application.themes.run("acme")
    now, where = application.clock.now(), ThemeFilter()
    first = await application.queries.themes("acme", where, now=now, limit=1)
    rest = await application.queries.themes("acme", where, now=now, cursor=first.cursor)
    assert [row.size for row in (*first.items, *rest.items)] == [9, 7, 7]
    assert await rows(application, min_size=8) == first.items
    assert await rows(application, status=ThemeStatus.IGNORED) == ()


async def test_clustering_comes_due_again(application: Application, clock: Any) -> None:
    await tell(application, many(PDF, each=29))
    assert await application.themes.sweep() == 0
    await tell(application, [SYNC], start=100)
    assert await application.themes.sweep() == 1
    await application.themes.run("acme")
    assert await application.themes.sweep() == 0
    clock.move(timedelta(hours=25))
    assert await application.themes.sweep() == 1


STORY: dict[str, object] = {
    "name_zh": "导出的 PDF 是空白页",
    "name_en": "Exported PDFs are blank",
    "summary_zh": "成员导出 PDF 后只得到空白页。",
    "summary_en": "Members export a PDF and find blank pages.",
}


def names(application: Application, chat: ScriptedChat | None, floor: int = 3) -> ThemeNamesFlow:
    return ThemeNamesFlow(
        uow=application.uow, teller=application.theme_teller, chat=chat,
        clock=application.clock, min_authors=floor, most=5,
    )  # fmt: skip


async def test_a_model_names_themes_once(application: Application) -> None:
    await tell(application, many(PDF))
    await application.themes.run("acme")
    chat = ScriptedChat([STORY])
    assert await names(application, chat).run("acme") == 1
    assert await names(application, chat).run("acme") == 0
    chat.assert_used_up()
    await application.themes.run("acme")
    [row] = await rows(application)
    assert (row.name_zh, row.name_en) == (STORY["name_zh"], STORY["name_en"])
    assert row.summary_en.startswith("Members export")


async def test_without_a_model_or_when_it_fails_keywords_stand(application: Application) -> None:
    await tell(application, many(PDF))
    await application.themes.run("acme")
    before = await rows(application)
    assert await names(application, None).run("acme") == 0
    down = ScriptedChat([TransientProviderError("away")])
    assert await names(application, down).run("acme") == 0
    assert await names(application, ScriptedChat([]), floor=9).run("acme") == 0
    assert await rows(application) == before
    assert before[0].name_zh
