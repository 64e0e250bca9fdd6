"""Generated reference pages equal what the code says."""

from __future__ import annotations

from pathlib import Path

from service.cli.settings import reference, variables
from service.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_current() -> None:
    page = (ROOT / "service" / "SETTINGS.md").read_text(encoding="utf-8")
    assert page.strip() == reference().strip(), "run `huiyin settings > service/SETTINGS.md`"


def test_every_setting_says_what_it_does() -> None:
    bare = [v.name for v in variables(Settings) if v.description.startswith("One of")]
    assert bare == []
