"""Logging in and pressing keys where a browser is real."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Page

from tests.plugins.web import PASSWORD


async def entered(context: BrowserContext, served: str) -> Page:
    """A page on which wen, whom the test made an account, is logged in and sees the queue."""
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{served}/login")
    await page.fill("[name=name]", "wen")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await page.wait_for_url("**/queue")
    return page


async def press(page: Page, *keys: str) -> None:
    """Keys, one after the other, once the script that hears them is there."""
    await page.wait_for_load_state()
    for key in keys:
        await page.keyboard.press(key)
