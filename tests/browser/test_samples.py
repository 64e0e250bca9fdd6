"""Test cases in a real browser: proposed and curated by keys, nothing overflows on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.domain.sample import SampleTask
from tests.plugins._login import entered, press
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "lang"), [(1440, Lang.EN), (390, Lang.ZH)])
async def test_one_key_proposes_and_another_accepts(
    application: Application,
    served: str,
    browser: Browser,
    rules: None,
    seed: Seed,
    width: int,
    lang: Lang,
) -> None:
    (task_id,) = await seed("我要退款，没有空格的长句" + "没有空格的长句" * 20)
    await application.harvest.from_task(task_id, SampleTask.RETRIEVAL, by="ann")
    await application.accounts.create_user("wen", Role.EDITOR, password=PASSWORD, lang=lang)
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await entered(context, served)
    await page.goto(f"{served}/tasks/{task_id}")
    await page.fill(
        "#text", "会员购买后七天内、使用不超过三次的，可以申请全额退款，三个工作日内原路退回。"
    )
    await press(page, "Escape", "t")
    await expect(page.locator(".banner.good a")).to_be_visible()
    link = await page.locator(".banner.good a").get_attribute("href")
    assert link == f"/samples?id={await _id(application, SampleTask.DRAFT)}"
    await expect(page.locator("#text")).to_have_value(
        "会员购买后七天内、使用不超过三次的，可以申请全额退款，三个工作日内原路退回。"
    )
    assert await page.evaluate(OVERFLOW) <= 0
    view = await application.queries.task(task_id)
    assert view is not None
    await page.goto(f"{served}/cases/{view.task.case_id}")
    await press(page, "t")
    await expect(page.locator(".banner.good a")).to_be_visible()
    await press(page, "g", "h")
    rows = page.locator("[data-entry]")
    await expect(rows).to_have_count(3)
    await press(page, "e")
    await expect(rows.first.locator("textarea[name=text]")).to_be_focused()
    assert await page.evaluate(OVERFLOW) <= 0
    await press(page, "Tab")
    await rows.first.locator("button.primary").click()
    await expect(page.locator(".banner.good")).to_be_visible()
    await expect(rows).to_have_count(2)
    await press(page, "r")
    await page.keyboard.type("太长")
    await press(page, "Enter")
    await expect(rows).to_have_count(1)
    await press(page, "a")
    await expect(rows).to_have_count(0)


async def _id(application: Application, task: SampleTask) -> str:
    found = (await application.queries.samples("acme")).items
    sample = next(one.id for one in found if one.task is task)
    return f"{sample}#{sample}"
