"""SIGKILL again and again while clients post and retry: none lost, none twice."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.plugins.server import Desk

MESSAGES = 5_000
BATCH = 25
CLIENTS = 4
KILLS = 20

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


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


def killer(desk: Desk, done: threading.Event) -> int:
    """Kill and restart until the work is done, at least `KILLS` times."""
    kills, dice = 0, random.Random(7)
    while kills < KILLS:
        desk.wait_ready("/healthz")
        time.sleep(dice.uniform(0.1, 0.6))
        desk.kill()
        kills += 1
        desk.start()
    done.set()
    return kills


def test_five_thousand_messages_survive_twenty_kills(desk: Desk) -> None:
    desk.command("communities", "add", "acme", "--name-zh", "示例", "--name-en", "Acme")
    key = desk.command("keys", "create", "test", "--scope", "messages:write")
    batches = [
        [
            {
                "source": "qq",
                "external_id": f"m{start + n}",
                "author": f"u{(start + n) % 97}",
                "text": f"message {start + n}",
            }
            for n in range(BATCH)
        ]
        for start in range(0, MESSAGES, BATCH)
    ]
    done = threading.Event()
    desk.start()

    def client(share: list[list[dict[str, str]]]) -> None:
        for batch in share:
            post_until_answered(desk, key, batch)
            done.wait(0.15)

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        kills = pool.submit(killer, desk, done)
        clients = [pool.submit(client, batches[n::CLIENTS]) for n in range(CLIENTS)]
        for future in clients:
            future.result()
        assert kills.result() >= KILLS
    desk.wait_ready("/healthz")
    desk.stop()
    assert stored(desk) == {f"m{n}" for n in range(MESSAGES)}


def stored(desk: Desk) -> set[str]:
    """External ids in the database, which must hold each once."""
    from sqlalchemy import create_engine, text

    from service.db.embedded import EmbeddedPostgres
    from service.db.engine import normalise_url

    with EmbeddedPostgres(desk.folder / "data" / "postgres") as url:
        engine = create_engine(normalise_url(url))
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT external_id FROM messages")).scalars().all()
            loose = connection.execute(
                text(
                    "SELECT count(*) FROM messages m LEFT JOIN cases c ON c.id = m.case_id"
                    " WHERE c.id IS NULL"
                )
            ).scalar_one()
        engine.dispose()
    assert loose == 0
    assert len(rows) == len(set(rows))
    return set(rows)
