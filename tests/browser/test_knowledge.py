"""Suggested entries in a real browser: decided by keys, nothing overflows on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.domain.review import Verdict
from service.flows.review import Ruling
from tests.plugins._login import entered, press
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ASKED = {
    "怎么导出全部笔记": "打开“设置”，点“导出备份”。\n\n会得到一个压缩包，" + "没有空格的长句" * 20,
    "怎么换主题的颜色": "在“外观”里选一种颜色。",
    "回收站里的笔记保留多久": "一直到手动清空。",
}


async def suggest(application: Application, seed: Seed) -> None:
    tasks = await seed(*ASKED)
    for task_id, answer in zip(tasks, ASKED.values(), strict=True):
        view = await application.queries.task(task_id)
        assert view is not None
        newest = view.revisions[-1].hash
        ruling = Ruling(Verdict.APPROVE_EDITED, newest, answer, acknowledge=True)
        await application.review.decide(task_id, "ann", ruling)
        await application.knowledge.consider(view.task.case_id or "")


@pytest.mark.parametrize(("width", "lang"), [(1440, Lang.EN), (390, Lang.ZH)])
async def test_entries_are_decided_by_keys_on_any_screen(
    application: Application, served: str, browser: Browser, seed: Seed, width: int, lang: Lang
) -> None:
    await suggest(application, seed)
    await application.accounts.create_user("wen", Role.EDITOR, password=PASSWORD, lang=lang)
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await entered(context, served)
    await press(page, "g", "f")
    rows = page.locator("[data-entry]")
    await expect(rows).to_have_count(3)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    await press(page, "e")
    await expect(rows.first.locator("[name=question]")).to_be_focused()
    assert await page.evaluate(overflow) <= 0
    await rows.first.locator("[name=question]").fill("回收站多久清空？")
    await rows.first.locator("button.primary").click()
    await expect(page.locator(".banner a")).to_have_text("faq-grown-zh#Q1")
    await expect(rows).to_have_count(2)
    await press(page, "r")
    await page.keyboard.type("过时")
    await press(page, "Enter")
    await expect(rows).to_have_count(1)
    await press(page, "l")
    await expect(rows).to_have_count(0)
    await page.goto(f"{served}/documents/faq-grown-zh#c-Q1")
    await expect(page.locator("#c-Q1")).to_contain_text("一直到手动清空。")
