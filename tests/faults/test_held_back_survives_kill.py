"""SIGKILL while a start or a move is under way: what is in force stays one of what was let in."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest

from service.jobs.dead import plain_url
from tests.plugins.server import Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KILLS = 3
LINES = "SELECT basis, count(*) FROM promotions WHERE kind = 'thresholds' GROUP BY basis"


def standing(desk: Desk) -> str:
    parts = httpx2.get(f"{desk.address}/readyz", timeout=5).json()["parts"]
    return str(parts["thresholds"])


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, HUIYIN_DATABASE_URL=database)
    yield desk
    desk.stop()


def test_a_killed_start_or_move_is_whole_or_not_there(here: Desk, database: str) -> None:
    dice = random.Random(7)
    here.start()
    here.wait_ready()
    here.kill()
    here.env["HUIYIN_RETRIEVER__MIN_CONFIDENCE"] = "0.7"
    for _ in range(KILLS):
        here.start()
        time.sleep(dice.uniform(0.5, 4))
        here.kill()
    here.start()
    here.wait_ready()
    assert standing(here) == "held"
    reason = ("--override", "回答里没有依据的太多了，先收紧")
    here.command("evaluations", "accept", "thresholds", *reason)
    here.kill()
    here.start()
    here.wait_ready()
    assert standing(here) == "ok"
    with psycopg.connect(plain_url(database), autocommit=True) as connection:
        assert dict(connection.execute(LINES).fetchall()) == {"shipped": 1, "override": 1}
