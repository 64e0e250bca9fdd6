"""SIGKILL of a worker in the middle of a replay: its job is taken again and ends the same."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import psycopg
import pytest

from service.bootstrap import Application
from service.domain.bank import TermDraft
from service.domain.preview import PreviewStatus, Window
from service.jobs.app import make_app
from service.jobs.dead import plain_url
from service.jobs.worker import drain
from service.settings import Settings
from tests.plugins._jobs import job_rows
from tests.plugins.web_previews import replay

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WORKER = """
import asyncio, sys
from pathlib import Path

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Parts, open_application
from service.flows.preview import cases, flow
from service.settings import Settings
from service.worker import work
from tests.plugins.app import FrozenClock

cases.CHUNK = 2
chunks = flow.chunks

async def haltingly(*given):
    async for stored in chunks(*given):
        yield stored
        print("a chunk is done", flush=True)
        await asyncio.sleep(60)

flow.chunks = haltingly

async def main(url, data):
    settings = Settings(_env_file=None, database_url=url, data_dir=Path(data))
    parts = Parts(clock=FrozenClock(), embedder=HashingEmbedder(), vectors=MemoryStore())
    async with open_application(settings, parts=parts) as application:
        await work(application, asyncio.Event())

asyncio.run(main(*sys.argv[1:]))
"""
SILENT = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"


async def killed_at_work(settings: Settings) -> None:
    """A worker that is killed once it is through the first of three chunks."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WORKER, str(settings.database_url), str(settings.data_dir)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        lines: list[bytes] = []
        while not lines or lines[-1] != b"a chunk is done\n":
            lines.append(await asyncio.wait_for(child.stdout.readline(), 60))
            assert lines[-1], b"".join(lines).decode()
    finally:
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()


async def test_a_replay_whose_worker_is_killed_ends_with_the_same_flips(
    application: Application, cases: list[str], settings: Settings, database: str
) -> None:
    trial = await application.bank.trial("acme", [TermDraft(phrase="拉横幅", floor=4)])
    _, flips = await replay(application, trial)
    assert flips
    asked = await application.previews.request("acme", trial, Window(days=8), by="ann")
    await killed_at_work(settings)
    left = await application.previews.get(asked.preview.id)
    assert left.status is PreviewStatus.RUNNING
    assert (await application.queries.preview_flips(left.id)).items == ()
    with psycopg.connect(plain_url(database), autocommit=True) as connection:
        connection.execute(SILENT)
    await drain(make_app(database, application.handlers()))
    done = await application.previews.get(left.id)
    assert done.status is PreviewStatus.DONE
    found = (await application.queries.preview_flips(done.id, limit=200)).items
    assert {one.case_id: one for one in found} == dict(flips)
    assert len(found) == len(flips), "none twice"
    assert [row for row in job_rows(database) if row["args"] == {"preview_id": done.id}] == []
