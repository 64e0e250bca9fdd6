"""The review page in a real browser: by keyboard, on a phone, in both languages."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import Browser, Page, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.domain.llm import ChatReply, ChatRequest
from service.ports.models import OnDelta
from tests.plugins._login import press
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LONG = "没有标点的很长很长的一段话" * 30 + " https://example.com/" + "a" * 300


class SlowModel:
    """Writes its answer piece by piece."""

    name = "slow"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        data = {
            "text": "可以退款，三个工作日内原路退回。",
            "citations": ["membership#3.1"],
            "refusal": None,
            "refusal_reason": "",
        }
        raw = json.dumps(data, ensure_ascii=False)
        for start in range(0, len(raw), 4):
            if on_delta:
                await on_delta(raw[start : start + 4])
            await asyncio.sleep(0.03)
        return ChatReply(data=dict(data), model=self.name, prompt_tokens=1, completion_tokens=1)


async def enter(browser: Browser, address: str, *, width: int = 1280) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if "Content Security" in m.text else None)
    vars(page)["faults"] = faults
    await page.goto(f"{address}/login")
    await page.fill("#name", "wen")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/queue")
    return page


async def loaded(page: Page, selector: str, text: str) -> None:
    """The next page shows this, and its scripts listen."""
    await expect(page.locator(selector)).to_contain_text(text)


@pytest.fixture
async def desk(application: Application, seed: Seed, rules: None) -> list[str]:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=Lang.EN)
    return await seed("我要退款", "refund please", "谢谢", LONG)


async def test_review_by_keyboard(
    browser: Browser, served: str, desk: list[str], application: Application
) -> None:
    page = await enter(browser, served)
    await press(page, "?")
    await expect(page.locator("dialog#keys")).to_be_visible()
    await press(page, "Escape", "j", "j", "k")
    first = await page.evaluate("document.activeElement.getAttribute('href')")
    await press(page, "Enter")
    await page.wait_for_url(f"**{first}")
    task_id = first.rsplit("/", 1)[1]

    await press(page, "c")
    await loaded(page, ".claim", "Yours for")
    await press(page, "e", "Control+End")
    await page.keyboard.type("\na r s u")
    await expect(page.locator(".diff ins")).to_have_text("\na r s u")
    await expect(page.locator("[data-approve]")).to_contain_text("Approve as edited")
    assert await page.locator("details.pop[open]").count() == 0
    await press(page, "Control+Enter")
    await loaded(page, ".decided", "Approved as edited")
    await expect(page.locator(".diff ins")).to_have_text("\na r s u")

    await press(page, "u")
    await loaded(page, ".actions", "Approve")
    view = await application.queries.task(task_id)
    assert view is not None
    assert view.decision is None
    assert [one.undone_at is not None for one in view.history] == [True]

    await press(page, "r", "Escape", "s")
    await page.keyboard.type("please look")
    await press(page, "Escape", "r", "ArrowDown", "Enter")
    await loaded(page, ".decided", "No rule supports it")
    await press(page, "n")
    await page.wait_for_url(lambda url: "/tasks/" in url and task_id not in url)
    await press(page, "a")
    await loaded(page, ".decided", "Approved")
    await press(page, "g", "q")
    await page.wait_for_url("**/queue")
    assert vars(page)["faults"] == []


async def test_a_redraft_streams_into_the_page(
    browser: Browser, served: str, desk: list[str], application: Application
) -> None:
    vars(application.draft)["_chat"] = SlowModel()
    page = await enter(browser, served)
    await page.goto(f"{served}/tasks/{desk[0]}")
    await page.click("details.redraft summary")
    await page.fill("#instruction", "更短")
    await page.click("[data-redraft] button")
    await expect(page.locator("[data-stream]")).to_contain_text("可以退款")
    await page.wait_for_url(lambda url: "/tasks/" in url and desk[0] not in url)
    await expect(page.locator("#text")).to_have_value("可以退款，三个工作日内原路退回。")
    await expect(page.locator("h2 .tag").first).to_have_text("Model draft")
    await page.click(".cite")
    await expect(page.locator("#clause-1")).to_be_focused()
    await page.click("#clause-1 header a")
    await page.wait_for_url("**/documents/membership#c-3.1")
    assert vars(page)["faults"] == []


async def test_nothing_breaks_out_of_a_phone(
    browser: Browser, served: str, desk: list[str], application: Application
) -> None:
    page = await enter(browser, served, width=390)
    case_id = (await application.queries.queue("acme")).items[0].case_id
    lists = ("queue", "cases", "themes", "documents", "documents/membership", "posts", "help")
    paths = [*lists, "deliveries", "settings", f"cases/{case_id}", *(f"tasks/{t}" for t in desk)]
    for lang in ("中文", "English"):
        await page.get_by_role("button", name=lang).click()
        for path in paths:
            await page.goto(f"{served}/{path}")
            over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (lang, path)
    assert vars(page)["faults"] == []


async def test_the_language_switch_stays_where_one_is(
    browser: Browser, served: str, desk: list[str]
) -> None:
    page = await enter(browser, served)
    await page.goto(f"{served}/cases?text=退款")
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("h1")).to_have_text("事项")
    assert await page.input_value("[data-search]") == "退款"
    assert await page.get_attribute("html", "lang") == "zh-CN"
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("h1")).to_have_text("Cases")


async def test_the_basic_decisions_need_no_script(
    browser: Browser, served: str, desk: list[str]
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{served}/login")
    await page.fill("#name", "wen")
    await page.fill("#password", PASSWORD)
    await page.click(".card button")
    await page.goto(f"{served}/tasks/{desk[0]}")
    await page.get_by_role("button", name="Claim").click()
    await expect(page.get_by_text("Yours for")).to_be_visible()
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("button", name="Undo").click()
    await page.locator("summary", has_text="Reject").click()
    await page.get_by_label("The tone does not fit").check()
    await page.locator(".pop button", has_text="Reject").click()
    await expect(page.locator(".decided")).to_contain_text("The tone does not fit")
