"""A replay in a real browser, without scripts: asked for on the page of terms, read on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from tests.plugins._login import entered
from tests.plugins.web import PASSWORD, Seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "lang"), [(1440, Lang.ZH), (320, Lang.EN)])
async def test_terms_are_replayed_and_every_flip_fits(
    application: Application, served: str, browser: Browser, seed: Seed, width: int, lang: Lang
) -> None:
    await seed("下午一起去门口拉横幅", "我要退款，怎么申请？")
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=lang)
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=False
    )
    page = await entered(context, served)
    await page.goto(f"{served}/bank")
    form = page.locator("form.sheet")
    await form.locator("textarea").fill("拉横幅")
    await form.locator("details summary").click()
    await form.locator("[name=days]").fill("7")
    await form.locator("[name=preview]").click()
    await page.wait_for_url("**/previews/*")
    await expect(page.locator(".banner[role=status]")).to_be_visible()
    await application.previews.run(page.url.rsplit("/", 1)[1])
    await page.reload()
    await expect(page.locator("ol.rows li")).to_have_count(1)
    await expect(page.locator("ol.rows")).to_contain_text("拉横幅")
    replay = page.url
    for address in (replay, f"{served}/previews", f"{served}/evaluations", f"{served}/documents"):
        await page.goto(address)
        assert await page.evaluate(OVERFLOW) <= 0, address
    await page.goto(replay)
    await page.locator("table.figures a").first.click()
    await page.wait_for_url("**kind=*")
    await expect(page.locator("ol.rows li")).to_have_count(1)
    await page.locator("ol.rows a").first.click()
    await page.wait_for_url("**/cases/*")
