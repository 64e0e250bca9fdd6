"""The suite as a child process: it may die, babble or hang; that is never a verdict."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from service.connectors.suite import ChildSuite
from service.domain.evaluation import EvaluationVerdict, Findings, Subject, SubjectKind, Trial
from service.errors import SuiteFailed

ANSWER = {
    "subject": "prompt:reply/grounded.zh",
    "baseline_hash": "old",
    "candidate_hash": "new",
    "verdict": "fail",
    "reasons": ["fail: draft bar support"],
    "figures": {
        "draft.support[zh]": {
            "baseline": 0.9, "candidate": 0.7, "low": -0.3, "high": -0.1, "n": 40
        }
    },
    "regressions": [
        {"task": "draft", "case": "d-1", "metric": "support", "baseline": 1, "candidate": 0}
    ],
    "revision": "abc",
    "at": "2026-04-01T09:00:00Z",
    "cases": {"draft": 40},
    "something_newer": 1,
}  # fmt: skip
PREAMBLE = (
    "import json, os, pathlib, signal, sys, time\n"
    "given = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
    "out = pathlib.Path(given['--json'])\n"
)


def trial(**changes: object) -> Trial:
    given = Trial(
        subject=Subject(kind=SubjectKind.PROMPT, name="reply/grounded.zh"),
        version="2",
        candidate_hash="new",
        baseline_hash="old",
        candidate="candidate.json",
        files={
            "candidate.json": "甲",
            "production/prompts/reply/grounded.zh.json": "乙",
            "own/drafts.jsonl": "丙",
            "agreement.json": "丁",
        },
    )
    return given.model_copy(update=changes)


async def compare(script: str, *, timeout_s: float = 20, **changes: object) -> Findings:
    command = (sys.executable, "-c", PREAMBLE + script)
    suite = ChildSuite(timeout_s=timeout_s, memory_mib=1024, cases=3, judged=9, command=command)
    return await suite.compare(trial(**changes))


async def test_the_answer_is_read_and_the_child_was_given_everything() -> None:
    script = (
        "assert given['--subject'] == 'prompt:reply/grounded.zh' and given['--limit'] == '3'\n"
        "assert pathlib.Path(given['--file']).read_text(encoding='utf-8') == '甲'\n"
        "before = pathlib.Path(given['--production'], 'prompts', 'reply', 'grounded.zh.json')\n"
        "assert before.read_text(encoding='utf-8') == '乙' and os.nice(0) >= 10\n"
        "own = pathlib.Path(given['--own'], 'drafts.jsonl')\n"
        "assert own.read_text(encoding='utf-8') == '丙'\n"
        "trusted = pathlib.Path(given['--agreement'])\n"
        "assert trusted.read_text(encoding='utf-8') == '丁' and given['--judge-limit'] == '9'\n"
        f"out.write_text({json.dumps(ANSWER)!r}); sys.exit(1)\n"
    )
    found = await compare(script)
    assert (found.verdict, found.cases) == (EvaluationVerdict.FAIL, {"draft": 40})
    assert (found.regressions[0].case, found.figures["draft.support[zh]"].n) == ("d-1", 40)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("raise SystemExit(2)", "exit code 2"),
        ('out.write_text(\'{"verdict": "pa\')', "no answer that can be read"),
        ("pass", "no answer that can be read"),
        (f"out.write_text({json.dumps(ANSWER | {'verdict': 'fine'})!r})", "no answer"),
        (f"out.write_text({json.dumps(ANSWER | {'candidate_hash': 'x'})!r})", "other texts"),
        ("time.sleep(0.3); x = bytearray(3 * 1024**3); sys.exit(2)", "no answer"),
    ],
)
async def test_a_child_that_fails_says_nothing_about_the_change(script: str, said: str) -> None:
    with pytest.raises(SuiteFailed, match=said):
        await compare(script)


async def test_a_name_never_leaves_the_folder() -> None:
    with pytest.raises(SuiteFailed, match="cannot be used"):
        await compare("pass", files={"../candidate.json": "甲"})


async def test_a_suite_that_is_not_there_is_said() -> None:
    suite = ChildSuite(timeout_s=5, memory_mib=256, command=("/nowhere/python",))
    with pytest.raises(SuiteFailed, match="cannot be started"):
        await suite.compare(trial())


async def test_time_out_and_stop_end_the_child_with_its_own_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = (
        "import subprocess\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{inner.pid}}')\n"
        "time.sleep(60)\n"
    )
    with pytest.raises(SuiteFailed, match="longer than 2 seconds"):
        await compare(script, timeout_s=2)
    assert not any(_lives(pid) for pid in pids.read_text().split())
    pids.unlink()
    running = asyncio.create_task(compare(script))
    while not pids.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.05)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert not any(_lives(pid) for pid in pids.read_text().split())


def _lives(pid: str) -> bool:
    """A child of a dead child may wait for the system to collect it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
