"""The evaluation report in a real browser, without any script: a bar leads to its cases alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from evals.registry import registry
from evals.report.drill import drill
from evals.report.page import write_page
from evals.score import score_run
from evals.suite import stored_baselines

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("width", [1440, 390])
async def test_a_bar_leads_to_the_cases_behind_it(
    tmp_path: Path, browser: Browser, width: int
) -> None:
    run = score_run(stored_baselines()["support"], registry())
    page_file = write_page([run], None, tmp_path / "report.html")
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(page_file.as_uri())
    cases = page.locator(".cases article")
    await expect(cases.first).to_be_hidden()
    found = drill(run)
    anchor = found.at("blocked", "tag:polarity")
    assert anchor is not None
    assert 0 < found.filters[anchor].lost < found.lost
    await page.locator(f'.slices[open] a[href="#{anchor}"]').click()
    await expect(page.locator(f"#{anchor}")).to_be_in_viewport()
    await expect(cases.locator("visible=true")).to_have_count(found.filters[anchor].lost)
    await page.get_by_role("link", name="Show all").click()
    await expect(cases.locator("visible=true")).to_have_count(found.lost)
    box = await page.locator("body").bounding_box()
    assert box is not None
    assert box["width"] <= width
