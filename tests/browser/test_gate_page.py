"""The gate in a real browser, without scripts: a version is refused, compared and put in use."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.domain.evaluation import EvaluationVerdict
from tests.plugins._login import entered
from tests.plugins.gate import ToldSuite
from tests.plugins.web import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ID = "reply/grounded.zh"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "lang"), [(1440, Lang.EN), (360, Lang.ZH)])
async def test_a_version_is_compared_and_an_administrator_goes_past(
    gated: Application, suite: ToldSuite, served: str, browser: Browser, width: int, lang: Lang
) -> None:
    await gated.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=lang)
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=False
    )
    page = await entered(context, served)
    await page.goto(f"{served}/prompts/{ID}")
    text = page.locator("#propose-text")
    await text.fill((await text.input_value()).replace("--- user\n", "更亲切\n--- user\n"))
    await page.fill("#propose-note", "先说明白，再引规则")
    await page.click("form[action$=versions] button")
    await page.goto(f"{served}/prompts/{ID}?show=2")
    await expect(page.locator("button[disabled]")).to_have_count(2)
    assert await page.evaluate(OVERFLOW) <= 0
    await page.locator("form[action$=compare] button").first.click()
    await page.wait_for_url("**/evaluations/*")
    suite.verdicts = [EvaluationVerdict.FAIL]
    await gated.evaluations.run(page.url.rsplit("/", 1)[1])
    await page.reload()
    await expect(page.locator("table.figures")).to_have_count(2)
    assert await page.evaluate(OVERFLOW) <= 0
    await page.goto(f"{served}/prompts/{ID}?show=2")
    await page.locator("details:has(#past-1) summary").click()
    await page.fill("#past-reason-1", "更亲切")
    await page.fill("#past-1", "今晚活动前必须改，人工看过三十条")
    await page.locator("form:has(#past-1) button").click()
    await page.wait_for_url("**moved=1")
    for path in (f"/prompts/{ID}", "/evaluations", "/bank", "/settings", "/documents"):
        await page.goto(f"{served}{path}")
        assert await page.evaluate(OVERFLOW) <= 0, path
