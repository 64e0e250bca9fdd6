"""The incident page in a real browser: one key takes it; nothing overflows on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from tests.plugins._login import entered, press
from tests.plugins.radar import Crowd, Weeks
from tests.plugins.web import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.browser]


async def enter(browser: Browser, address: str, width: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await entered(context, address)
    await page.wait_for_selector("html.js", state="attached")
    return page


@pytest.mark.parametrize("width", [1440, 390])
async def test_one_key_takes_an_incident(
    application: Application,
    served: str,
    browser: Browser,
    weeks: Weeks,
    crowd: Crowd,
    width: int,
) -> None:
    await weeks()
    await crowd(24)
    await application.radar.run("acme")
    async with application.engine.connect() as connection:
        incident_id = await connection.scalar(text("SELECT id FROM incidents"))
    await application.accounts.create_user("wen", Role.MODERATOR, password=PASSWORD, lang=Lang.EN)
    page = await enter(browser, served, width)
    await press(page, "g", "r")
    await page.wait_for_url("**/radar")
    for address in ("/radar", "/trends?group=category", f"/radar/{incident_id}"):
        await page.goto(served + address)
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await page.evaluate(fits), address
    await press(page, "a")
    await expect(page.locator("h1 .tag")).to_have_text("Acknowledged")
    await page.focus("#note")
    await page.keyboard.type("a call is on")
    await page.click("text=Add note")
    await expect(page.locator(".timeline .voice")).to_have_text("a call is on")
