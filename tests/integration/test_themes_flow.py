"""Themes of a community: feedback only, its own name left out, growth by weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from service.bootstrap import Application
from service.domain.base import Bilingual
from service.flows.themes import _growth, _without_name


def test_the_communitys_name_names_no_theme() -> None:
    unnamed = _without_name(Bilingual(zh="竹简笔记", en="Zhujian Notes"))
    assert unnamed("竹简笔记同步失败").split() == ["同步失败"]
    assert unnamed("zhujian keeps crashing").split() == ["keeps", "crashing"]
    assert _without_name(Bilingual(zh="", en=""))("同步失败") == "同步失败"


def test_growth_compares_two_weeks(clock: Any) -> None:
    now = clock.now()
    recent = [now - timedelta(days=1)] * 5
    before = [now - timedelta(days=9)] * 2
    assert _growth(recent + before, now) == 2.0
    assert _growth([], now) == 1.0


async def test_a_run_counts_feedback_and_leaves_small_talk_out(application: Application) -> None:
    texts = [f"导出 PDF 之后全是空白页，第 {n} 次了，怎么办" for n in range(8)] + ["收到", "谢谢"]
    items = [
        {"source": "qq", "external_id": f"m{n}", "author": f"u{n}", "text": text}
        for n, text in enumerate(texts)
    ]
    results = await application.ingest.ingest("acme", items)
    await application.triage.run("acme", [result.case_id or "" for result in results])
    run = await application.themes.run("acme")
    assert run.clustered + run.unclustered <= 8
    themes = await application.queries.themes("acme")
    assert sum(theme.size for theme in themes) == run.clustered
    assert all(theme.authors <= theme.size for theme in themes)


async def test_an_empty_community_has_no_themes(application: Application) -> None:
    run = await application.themes.run("acme")
    assert (run.clustered, run.unclustered) == (0, 0)
    assert await application.queries.themes("acme") == ()
