"""The gate from the command line: held back, compared, overridden with a reason, published."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from prompts.loader import load_prompts
from service.bootstrap import open_application
from service.errors import Conflict, NotCompared
from service.settings import Settings
from tests.plugins.cli import Run


@pytest.mark.slow
def test_a_prompt_passes_the_gate_or_somebody_says_why_not(run: Run, tmp_path: Path) -> None:
    """Without a model the real suite says that nothing can be said."""
    template = "reply/grounded.zh"
    text = load_prompts().get(template).text.replace("--- system\n", "--- system\n（二）", 1)
    (tmp_path / "new.md").write_text(text, encoding="utf-8")
    assert run("prompts", "propose", template, "new.md", "--note", "亲切").exit_code == 0
    move = ("prompts", "label", template, "--version", "2", "--reason", "亲切")
    refused = run(*move)
    assert isinstance(refused.exception, NotCompared)
    compared = run("evaluations", "run", "prompt", template, "--version", "2")
    assert (compared.exit_code, "No chat model" in compared.output) == (3, True)
    assert "inconclusive" in run("evaluations", "list", "--community", "acme").output
    assert run(*move, "--override", "没有模型，人工看过三十条").exit_code == 0


def test_a_limit_is_held_back_and_taken_over(
    run: Run, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = run("evaluations", "accept", "thresholds")
    assert isinstance(early.exception, Conflict)
    asyncio.run(started_once(database))
    monkeypatch.setenv("HUIYIN_RETRIEVER__MIN_CONFIDENCE", "0.7")
    shown = run("evaluations", "in-force")
    assert (shown.exit_code, "huiyin evaluations run thresholds" in shown.output) == (1, True)
    assert re.search(r"thresholds: in force \w+; configured \w+ \(required\)", shown.output)
    move = ("evaluations", "accept", "thresholds")
    assert isinstance(run(*move).exception, NotCompared)
    done = run(*move, "--override", "回答里没有依据的太多了，先收紧")
    assert "is in force (override)" in done.output
    assert run("evaluations", "in-force").exit_code == 0


async def started_once(database: str) -> None:
    async with open_application(Settings(_env_file=None, database_url=database)) as application:
        await application.take_up()


def test_a_rule_is_staged_compared_and_published(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_GATE__RULES", "required")
    where = ("--community", "acme")
    file = tmp_path / "refunds.md"
    file.write_text("# Refunds\n\n1.1 Refunds are paid in seven days.\n", encoding="utf-8")
    assert "staged" not in run("rules", "upload", str(file), *where).output
    file.write_text("# Refunds\n\n1.1 Refunds are paid in five days.\n", encoding="utf-8")
    held = run("rules", "upload", str(file), *where).output
    assert "staged, not live: the settings require a passing comparison" in held
    assert "huiyin evaluations run rules refunds --community acme" in held
    assert isinstance(run("rules", "publish", "refunds", *where).exception, NotCompared)
    assert "discarded" in run("rules", "discard", "refunds", *where).output
    run("rules", "upload", str(file), *where)
    reason = ("--override", "旧规则里的电话已经停用，等不及比对")
    assert "refunds v3 is live" in run("rules", "publish", "refunds", *where, *reason).output
    assert isinstance(run("rules", "retire", "refunds", *where).exception, NotCompared)
    assert run("rules", "retire", "refunds", *where, *reason).exit_code == 0
