"""Replays, comparisons and rehearsals whose job is no more are failed with a reason, and can be
started again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import psycopg
import pytest

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.bank import TermDraft
from service.domain.base import Lang
from service.domain.evaluation import EvaluationStatus
from service.domain.gave_up import LOST_AFTER, TOLD, GaveUp, reason_of
from service.domain.preview import Preview, PreviewStatus, Window
from service.domain.report import RehearsalSubject, ReportStatus
from service.errors import Conflict, TransientProviderError
from service.flows.preview import cases as preview_cases
from service.jobs.app import make_app
from service.jobs.dead import plain_url
from service.jobs.policy import AWAY, ORDINARY
from service.jobs.stalled import recover_stalled
from service.jobs.worker import drain
from service.ports.jobs import Job
from tests.plugins.app import FrozenClock
from tests.plugins.web import LogIn, csrf_of
from tests.plugins.web_previews import WEEK, replay

BANNER = TermDraft(phrase="拉横幅", code="protest", floor=4)
TAKEN = """
    WITH gone AS (
        INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')
        RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', attempts = %s,
        worker_id = (SELECT id FROM gone)
"""
"""As a killed worker leaves its jobs."""


async def asked(application: Application, window: Window = WEEK) -> Preview:
    trial = await application.bank.trial("acme", [BANNER])
    return (await application.previews.request("acme", trial, window, by="ann")).preview


async def failing(application: Application, database: str, error: Exception, tries: int) -> None:
    """Run the waiting job at its last try."""

    async def handler(_: object) -> None:
        raise error

    with psycopg.connect(plain_url(database), autocommit=True) as connection:
        connection.execute("UPDATE procrastinate_jobs SET attempts = %s", (tries - 1,))
    await drain(make_app(database, {Job.PREVIEW: handler}))


@pytest.mark.parametrize(
    ("error", "tries", "reason"),
    [
        (TransientProviderError("away"), AWAY.attempts, GaveUp.AWAY),
        (Conflict("x"), ORDINARY.attempts, GaveUp.TRIES),
    ],
)
async def test_a_replay_out_of_tries_is_failed_and_says_why(
    application: Application, cases: list[str], database: str,
    error: Exception, tries: int, reason: GaveUp,
) -> None:  # fmt: skip
    preview = await asked(application)
    await application.sweep()
    assert (await application.previews.get(preview.id)).status is PreviewStatus.QUEUED, "it waits"
    await failing(application, database, error, tries)
    await application.sweep()
    failed = await application.previews.get(preview.id)
    assert (failed.status, failed.failure) == (PreviewStatus.FAILED, TOLD[reason])
    assert failed.finished_at is not None
    again = await application.previews.again(preview.id, WEEK, by="ben")
    assert (again.added, again.preview.requested_by) == (True, "ben")
    done = await application.previews.run(again.preview.id)
    assert done.status is PreviewStatus.DONE
    with pytest.raises(Conflict):
        await application.previews.again(done.id, WEEK, by="ben")


async def test_a_killed_worker_s_replay_is_taken_again_and_given_up_after_five(
    application: Application, cases: list[str], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off after the first of three chunks, as by a kill: nothing of it is left."""
    monkeypatch.setattr(preview_cases, "CHUNK", 2)
    _, flips = await replay(application, await application.bank.trial("acme", [BANNER]))
    preview = await asked(application, Window(days=8))
    reached = asyncio.Event()
    running = asyncio.create_task(
        application.previews.run(preview.id, lambda _: reached.set() or running.cancel())  # type: ignore[func-returns-value]
    )
    with pytest.raises(asyncio.CancelledError):
        await running
    assert reached.is_set()
    await application.sweep()
    assert (await application.previews.get(preview.id)).status is PreviewStatus.RUNNING
    with psycopg.connect(plain_url(database), autocommit=True) as connection:
        connection.execute(TAKEN, (0,))
    await drain(make_app(database, application.handlers()))
    done = await application.previews.get(preview.id)
    assert done.status is PreviewStatus.DONE
    found = (await application.queries.preview_flips(done.id, limit=200)).items
    assert {one.case_id: one for one in found} == dict(flips)
    assert len(found) == len(flips), "none twice"
    last = await asked(application, Window(days=9))
    with psycopg.connect(plain_url(database), autocommit=True) as connection:
        connection.execute(TAKEN, (ORDINARY.attempts - 1,))
    async with (app := make_app(database, application.handlers())).open_async():
        await recover_stalled(app)
    await application.sweep()
    failure = (await application.previews.get(last.id)).failure
    assert reason_of(failure) is GaveUp.WORKER_DIED


async def test_what_nobody_does_any_more_is_given_up_after_a_day(
    application: Application, cases: list[str], clock: FrozenClock
) -> None:
    trial = await application.bank.trial("acme", [BANNER])
    preview = (
        await application.previews.request("acme", trial, WEEK, by="ann", queue=False)
    ).preview
    evaluation = (await application.evaluations.request(trial, by="ann", queue=False)).evaluation
    report = await application.rehearse.request(
        "acme", RehearsalSubject(days=7), by="ann", queue=False
    )
    clock.at += LOST_AFTER - timedelta(seconds=1)
    await application.sweep()
    assert (await application.previews.get(preview.id)).status is PreviewStatus.QUEUED
    clock.at += timedelta(seconds=1)
    await application.sweep()
    lost = await application.previews.get(preview.id)
    compared = await application.evaluations.get(evaluation.id)
    assert (lost.status, compared.status) == (PreviewStatus.FAILED, EvaluationStatus.FAILED)
    assert lost.failure == compared.failure == TOLD[GaveUp.LOST]
    async with application.uow() as uow:
        rehearsed = await uow.reports.get(report.id)
    assert rehearsed is not None
    assert rehearsed.status is ReportStatus.FAILED


@pytest.mark.parametrize(
    ("lang", "reason", "button"),
    [
        (Lang.ZH, "几个小时都不可用", "再回放一次"),
        (Lang.EN, "away for hours", "Replay once more"),
    ],
)
async def test_the_page_says_why_and_starts_it_again(
    keyword_triage: Application, cases: list[str], web: httpx.AsyncClient, log_in: LogIn,
    lang: Lang, reason: str, button: str,
) -> None:  # fmt: skip
    preview = await asked(keyword_triage)
    failed = {"status": PreviewStatus.FAILED, "failure": TOLD[GaveUp.AWAY]}
    async with keyword_triage.uow() as uow:
        await uow.previews.advance(preview.model_copy(update=failed))
        await uow.commit()
    await log_in(Role.VIEWER, name="vera", lang=lang)
    page = (await web.get(f"/previews/{preview.id}")).text
    assert reason in page
    assert button not in page
    assert reason in (await web.get("/previews")).text
    await log_in(Role.ADMIN, name="ada", lang=lang)
    page = (await web.get(f"/previews/{preview.id}")).text
    assert button in page
    form = {"csrf": csrf_of(page), "again": preview.id, "most": "9", "days": ""}
    moved = await web.post("/previews", data=form)
    assert moved.status_code == 303
    new = await keyword_triage.previews.get(moved.headers["location"].rsplit("/", 1)[1])
    assert new.id != preview.id
    assert new.window == Window(days=7, most=9)
    assert button not in (await web.get(moved.headers["location"])).text
    assert (await web.post("/previews", data=form | {"again": new.id})).status_code == 409
    assert (await web.post("/previews", data=form | {"again": "prv_none"})).status_code == 404
