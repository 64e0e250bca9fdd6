"""Sentences of a draft lead to their clauses by key, and say when an edit makes them old."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from tests.plugins._login import press
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
async def task_id(application: Application, seed: Seed, rules: None) -> str:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=Lang.EN)
    (made,) = await seed("我要退款")
    return made


async def test_a_sentence_lights_its_clause_and_an_edit_makes_it_old(
    browser: Browser, served: str, task_id: str
) -> None:
    page = await browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(f"{served}/login")
    await page.fill("#name", "wen")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/queue")
    await page.goto(f"{served}/tasks/{task_id}")
    said = page.locator(".sentences .said.supported").first
    clause = page.locator("#clause-1")
    await said.focus()
    await expect(clause).to_have_class("clause cited lit")
    await said.blur()
    await expect(clause).to_have_class("clause cited")
    await said.focus()
    await press(page, "Enter")
    await page.wait_for_url("**#clause-1")
    stale = page.locator("[data-support-stale]")
    await expect(stale).to_be_hidden()
    await page.fill("#text", "会员购买后 90 天内都可以退款。随时都行。")
    await expect(stale).to_be_visible()
    await page.locator("button[value=save]").click()
    await expect(page.locator(".sentences .said.unsupported")).to_contain_text("90 天")
    assert faults == []
