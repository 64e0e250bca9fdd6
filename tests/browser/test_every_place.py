"""Every place of the navigation in a real browser: within reach, on any screen, without faults."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.web.places import GROUPS
from tests.plugins._login import entered
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PLACES = [place for group in GROUPS for place in group.places]
SCREENS = [(1440, Lang.ZH), (390, Lang.EN), (320, Lang.EN)]


async def enter(browser: Browser, address: str, width: int, *, scripts: bool = True) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=scripts
    )
    return await entered(context, address)


@pytest.mark.parametrize(("width", "lang"), SCREENS)
async def test_each_place_fits_says_what_it_is_and_where(
    application: Application, served: str, browser: Browser, seed: Seed, width: int, lang: Lang
) -> None:
    await seed("我要退款", "又闪退了")
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=lang)
    page = await enter(browser, served, width)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for href in (*(place.href for place in PLACES), "/help"):
        answer = await page.goto(served + href)
        assert answer is not None
        assert answer.status == 200, href
        assert await page.locator("h1").count() == 1, href
        assert await page.evaluate(overflow) <= 0, href
        if href != "/help":
            assert await page.locator(".nav [aria-current=page]").get_attribute("href") == href
            assert await page.locator(".nav .here, .nav > [aria-current=page]").count() == 1
    assert faults == []


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_menu_leads_on_with_and_without_scripts(
    application: Application, served: str, browser: Browser, scripts: bool
) -> None:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=Lang.EN)
    page = await enter(browser, served, 390, scripts=scripts)
    for place in PLACES:
        link = page.locator(f'.nav a[href="{place.href}"]')
        if not await link.is_visible():
            menu = page.locator(".menu", has=page.locator(f'a[href="{place.href}"]'))
            await menu.locator("summary").click()
        await expect(link).to_be_in_viewport(ratio=1)
        await link.click()
        await page.wait_for_url(f"**{place.href}")
