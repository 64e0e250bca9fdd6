"""Prompts in a real browser, without scripts: a version is proposed, compared and labelled."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.domain.prompt import PromptLabel
from service.flows.prompt_desk import Place, Word
from tests.plugins._login import entered
from tests.plugins.web import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ID = "reply/grounded.zh"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "lang"), [(1440, Lang.EN), (360, Lang.ZH)])
async def test_a_version_is_written_compared_and_put_in_use(
    application: Application, served: str, browser: Browser, width: int, lang: Lang
) -> None:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=lang)
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=False
    )
    page = await entered(context, served)
    await page.goto(f"{served}/prompts/{ID}")
    text = page.locator("#propose-text")
    await text.fill((await text.input_value()).replace("--- user\n", f"{'很长' * 90}\n--- user\n"))
    await page.fill("#propose-note", "先说明白，再引规则；" * 20)
    await page.click("form[action$=versions] button")
    await page.wait_for_url("**added=2")
    await page.click('a[href*="old=1&new=2"]')
    await expect(page.locator("pre.prompt ins")).to_have_count(1)
    assert await page.evaluate(OVERFLOW) <= 0
    await page.select_option("#move-version", "2")
    await page.fill("#move-reason", "更亲切")
    await page.click("form[action$=labels] button")
    await page.wait_for_url("**moved=1")
    assert (await application.prompt_views.state(ID, "acme")).production == 2
    assert await page.evaluate(OVERFLOW) <= 0
    await application.prompt_desk.move(Place(ID, PromptLabel.CANDIDATE), 1, Word("ann", "试"))
    await application.prompt_desk.split(ID, None, 10, Word("ann", "试一周"))
    await page.goto(f"{served}/prompts")
    assert await page.evaluate(OVERFLOW) <= 0
