"""Every command the README shows is run as it stands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.server import Desk

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(word: str) -> list[str]:
    """Commands of all blocks that hold `word`, continued lines joined."""
    joined = [line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines()]
    text = "\n".join(joined)
    whole = re.split(r"\n(?=export |curl |\.venv|make |HUIYIN)", text)
    return [command.strip() for command in whole if word in command]


@pytest.mark.parametrize("target", re.findall(r"^make (\S+)$", "\n".join(BLOCKS), re.MULTILINE))
def test_make_targets_exist(target: str) -> None:
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_pictures_and_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.slow
def test_the_journeys_run_as_shown(desk: Desk, tmp_path: Path) -> None:
    desk.env["PATH"] = f"{Path(sys.executable).parent}:{desk.env['PATH']}"
    own, api = own_community(), commands("curl") + commands("huiyin ingest")
    run(desk, tmp_path, own)
    desk.command("communities", "add", "zhujian", "--name-zh", "竹简笔记", "--name-en", "Zhujian")
    desk.start()
    desk.wait_ready()
    key = next(command for command in commands("export HUIYIN_KEY"))
    output = run(desk, tmp_path, [key, *api])
    answers = [json.loads(line) for line in output.splitlines() if line.startswith(("{", "["))]
    assert len(answers) == len(commands("curl"))
    assert "1 accepted" in output


def own_community() -> list[str]:
    """The set-up of one's own community, without the server it ends with."""
    shown = [c for c in commands(".venv/bin/huiyin") if "ingest" not in c and "export" not in c]
    kept = [command for command in shown if not command.endswith("serve")]
    assert len(kept) >= 4
    return kept


def run(desk: Desk, folder: Path, lines: list[str]) -> str:
    """Run commands in one shell; only addresses and the path of the program differ."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "a.md").write_text("# 规则\n\n1.1 不发广告。\n", encoding="utf-8")
    (folder / "messages.csv").write_text(
        "external_id,author,content\ncsv-1,u1,怎么退款？\n", encoding="utf-8"
    )
    separated = "\necho\n".join(lines)
    script = separated.replace(".venv/bin/huiyin", "huiyin").replace(
        "localhost:8080", f"127.0.0.1:{desk.port}"
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=desk.env,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
