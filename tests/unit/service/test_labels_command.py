"""`huiyin labels judge` says who may gate, and its exit code is what a build server reads."""

from __future__ import annotations

from typing import Literal

import pytest
from typer.testing import CliRunner

from service.cli import console
from service.cli.main import app
from service.domain.base import Lang
from service.domain.quality import Estimate
from service.flows.judging import Judging
from service.quality.bar import JudgedShare
from service.quality.intervals import share

Verdict = Literal["pass", "fail", "ignored"]
UNKNOWN = Estimate(value=None, low=None, high=None, n=12)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (("pass", "pass"), 0),
        (("pass", "fail"), 1),
        (("ignored", "fail"), 1),
        (("pass", "ignored"), 3),
        (("ignored",), 3),
        ((), 3),
    ],
)
def test_only_a_trusted_judge_gives_a_green_exit_code(
    monkeypatch: pytest.MonkeyPatch, verdicts: tuple[Verdict, ...], code: int
) -> None:
    shares = tuple(
        JudgedShare(judge="j", lang=Lang.ZH, passed=share(9, 10), kappa=UNKNOWN, verdict=one)
        for one in verdicts
    )
    monkeypatch.setattr(console, "run", lambda _: Judging(10, 1, shares))
    done = CliRunner().invoke(app, ["labels", "judge", "acme", "grounded"])
    assert done.exit_code == code
    lines = done.output.splitlines()
    assert lines[0] == "10 judged, 1 without a verdict"
    assert [line.split()[1] for line in lines[1:]] == list(verdicts)
    assert all("kappa with people unknown (12 pairs)" in line for line in lines[1:])
