"""Managed terms in a real browser: added, retired, nothing overflows on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.bank import TermDraft
from service.domain.base import Lang
from tests.plugins._login import entered
from tests.plugins.web import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize(("width", "lang"), [(1440, Lang.EN), (390, Lang.ZH)])
async def test_terms_are_kept_on_any_screen(
    application: Application, served: str, browser: Browser, width: int, lang: Lang
) -> None:
    long = TermDraft(phrase="非常长的一条词句没有任何空格" * 8, floor=2, code="very_long_code")
    await application.bank.add("acme", [long], by="ann")
    await application.accounts.create_user("wen", Role.EDITOR, password=PASSWORD, lang=lang)
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await entered(context, served)
    await page.goto(f"{served}/bank")
    await page.fill("[name=phrases]", "拉横幅\n堵门 ~ 讨说法")
    await page.click("form.sheet button.primary")
    await expect(page.locator("ol.rows > li")).to_have_count(3)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) <= 0
    row = page.locator("ol.rows > li", has_text="拉横幅")
    await row.locator("summary").first.click()
    await row.locator("[name=reason]").fill("旧")
    await row.locator("button.danger").click()
    await expect(page.locator("ol.rows > li")).to_have_count(2)
