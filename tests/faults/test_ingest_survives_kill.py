"""SIGKILL again and again while clients post and retry: none lost, none twice."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import psycopg
import pytest

from service.db.embedded import EmbeddedPostgres
from service.jobs.dead import plain_url
from tests.plugins.server import Desk

KILLS = int(os.environ.get("HUIYIN_TEST_KILLS", "20"))
"""Each costs a start of the server; more of them for a longer siege, with more to lose."""

MESSAGES = 250 * KILLS
BATCH = 25
CLIENTS = 4

UNTRIAGED_WITHOUT_JOB = """
    SELECT count(*) FROM case_states s WHERE s.triaged_size < s.size AND NOT EXISTS (
        SELECT FROM procrastinate_jobs j
        WHERE j.task_name = 'triage' AND j.args -> 'case_ids' ? s.case_id
    )
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 15 * KILLS)]


def post_until_answered(desk: Desk, key: str, batch: list[dict[str, str]]) -> int:
    """Post a batch as a patient client does; returns how many tries it took."""
    for attempt in range(1, 500):
        try:
            answer = httpx2.post(
                f"{desk.address}/v1/messages",
                json={"community": "acme", "messages": batch},
                headers={"Authorization": f"Bearer {key}"},
                timeout=10,
            )
        except httpx2.HTTPError:
            time.sleep(0.1)
            continue
        if answer.status_code == 202:
            statuses = {item["status"] for item in answer.json()["results"]}
            assert statuses <= {"accepted", "duplicate"}
            return attempt
        assert answer.status_code >= 500, answer.text
        time.sleep(0.1)
    raise AssertionError("the server never answered")


class Progress:
    """Batches the server has acknowledged, counted by many clients."""

    def __init__(self) -> None:
        self._count, self._changed = 0, threading.Condition()

    def add(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def reach(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count >= count, timeout=120)


def kill_again_and_again(desk: Desk, progress: Progress) -> None:
    """Kill between one equal part of the work and the next: each kill comes while
    clients still post, however fast or slow the machine is."""
    dice = random.Random(7)
    for number in range(1, KILLS + 1):
        progress.reach(number * len(range(0, MESSAGES, BATCH)) // (KILLS + 1))
        time.sleep(dice.uniform(0, 0.1))
        desk.kill()
        desk.start()


def test_every_message_survives_kill_after_kill(desk: Desk) -> None:
    desk.command("communities", "add", "acme", "--name-zh", "示例", "--name-en", "Acme")
    key = desk.command("keys", "create", "test", "--scope", "messages:write")
    progress = Progress()
    desk.start()
    tries = post_all(desk, key, progress)
    assert sum(tries) > len(tries), "no request met a kill"
    desk.wait_ready("/healthz")
    desk.stop()
    with database_of(desk) as ask:
        assert ask("SELECT count(*), count(DISTINCT external_id) FROM messages") == (
            MESSAGES,
            MESSAGES,
        )
        assert ask("SELECT sum(size) FROM cases") == (MESSAGES,)
        assert ask(UNTRIAGED_WITHOUT_JOB) == (0,)
        assert ask("SELECT count(*) FROM job_failures WHERE code <> 'worker_died'") == (0,)


def post_all(desk: Desk, key: str, progress: Progress) -> list[int]:
    """Post everything from several clients under fire; the tries each batch took."""
    batches = [
        [message(number) for number in range(start, start + BATCH)]
        for start in range(0, MESSAGES, BATCH)
    ]

    def client(share: list[list[dict[str, str]]]) -> list[int]:
        tries = []
        for batch in share:
            tries.append(post_until_answered(desk, key, batch))
            progress.add()
        return tries

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        kills = pool.submit(kill_again_and_again, desk, progress)
        clients = [pool.submit(client, batches[n::CLIENTS]) for n in range(CLIENTS)]
        tries = [count for one in clients for count in one.result()]
        kills.result()
    return tries


def message(number: int) -> dict[str, str]:
    """One of the messages that must not be lost."""
    return {
        "source": "qq",
        "external_id": f"m{number}",
        "author": f"u{number % 97}",
        "text": f"message {number}",
    }


@contextmanager
def database_of(desk: Desk) -> Iterator[Callable[[str], tuple[Any, ...]]]:
    """Asks the stopped server's database for one row at a time."""
    with (
        EmbeddedPostgres(desk.folder / "data" / "postgres") as url,
        psycopg.connect(plain_url(url), autocommit=True) as connection,
    ):
        yield lambda query: tuple(connection.execute(query).fetchone() or ())
