"""From a correction to a scored case: every step over the API, the last by the suite's command."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from evals import cli
from evals.cases import TriageExpect
from evals.datasets import FILES
from evals.model import OWN
from evals.store import load_run
from service.bootstrap import Application
from service.bootstrap.handlers import job_handlers
from service.domain.account import Scope
from service.ports.jobs import Job
from tests.plugins._jobs import job_rows
from tests.plugins.web import KeyMaker, Seed

pytestmark = pytest.mark.slow

LIMIT = 5


async def test_a_correction_becomes_a_case_the_suite_scores(
    web: httpx.AsyncClient,
    bearer: KeyMaker,
    seed: Seed,
    application: Application,
    database: str,
    tmp_path: Path,
    model_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = await bearer(Scope.OVERRIDES_WRITE, Scope.CASES_READ, Scope.REVIEW, Scope.EXAMPLES_WRITE)
    (task_id,) = await seed("我要退款，电话 13800001234，你们客服根本不理人")
    view = await application.queries.task(task_id)
    assert view is not None
    corrected = {"categories": ["complaint", "billing_refund"], "sentiment": "negative"}
    path = f"/v1/cases/{view.task.case_id}/overrides"
    assert (await web.post(path, json=corrected, headers=key)).status_code == 201
    (job,) = (row for row in job_rows(database) if row["task_name"] == Job.HARVEST)
    await job_handlers(application)[Job.HARVEST](job["args"])
    listed = await web.get("/v1/samples/proposals?community=acme", headers=key)
    (proposed,) = listed.json()["items"]
    accept = f"/v1/samples/proposals/{proposed['id']}/accept"
    assert (await web.post(accept, json={}, headers=key)).status_code == 200
    exported = await web.get("/v1/samples?community=acme&task=triage", headers=key)
    file = tmp_path / FILES["triage"]
    file.write_bytes(exported.content)

    monkeypatch.setenv("HUIYIN_CACHE_DIR", str(model_cache))
    monkeypatch.chdir(tmp_path)
    out, asked = tmp_path / "runs", ("--task", "triage", "--own", str(file), "--limit", str(LIMIT))
    done = await asyncio.to_thread(CliRunner().invoke, cli.app, ["run", "--out", str(out), *asked])
    assert done.exit_code == 0, done.output
    assert "own 1 cases" in done.output
    run = load_run(next(out.glob("*/run.json")).parent)
    (case,) = [one for one in run.samples if one.own]
    assert len(run.samples) == LIMIT + 1
    assert "13800001234" not in case.text
    assert isinstance(case.expect, TriageExpect)
    assert list(case.expect.categories) == corrected["categories"]
    figure, golden = run.figure("top1", OWN), run.figure("answered")
    assert figure is not None
    assert golden is not None
    assert (figure.n, golden.n) == (1, LIMIT)
    assert figure.value is not None, "scored, right or wrong"
