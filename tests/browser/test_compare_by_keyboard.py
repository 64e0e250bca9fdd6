"""A second draft is asked for, set beside the first and turned down, by keyboard."""

from __future__ import annotations

import pytest
from playwright.async_api import async_playwright, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from tests.plugins._login import press
from tests.plugins.browser import ARGS
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]


async def test_a_streamed_second_draft_leads_to_the_comparison(
    chromium: str, application: Application, served: str, seed: Seed, rules: None
) -> None:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=Lang.EN)
    (task_id,) = await seed("我要退款")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGS)
        page = await browser.new_page()
        await page.goto(f"{served}/login")
        await page.fill("#name", "wen")
        await page.fill("#password", PASSWORD)
        await page.press("#password", "Enter")
        await page.wait_for_url("**/queue")
        await page.goto(f"{served}/tasks/{task_id}")
        await page.locator("details.redraft summary").press("Enter")
        await page.locator("button[name=then]").press("Enter")
        await page.wait_for_url("**/compare")
        second = page.url.removesuffix("/compare")
        await expect(page.locator("main")).to_contain_text("Both drafts say the same")
        await press(page, "1")
        await page.wait_for_url(lambda url: not url.endswith("/compare"))
        assert page.url != second
        await expect(page.locator(".claim")).to_contain_text("Yours for")
        await press(page, "m")
        await page.wait_for_url("**/compare")
        await browser.close()
