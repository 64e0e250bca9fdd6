"""A real `huiyin serve` process on loopback: how soon it is ready, how fast it answers, how much
memory it holds."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evals.bench.figures import NotMeasured
from evals.bench.messages import made_messages
from evals.bench.own_service import COMMUNITY, add_community, items, own_settings
from retrieval.build import build_embedder
from retrieval.types import Role
from service.domain.account import Scope
from service.settings import Settings

KEYS = (
    "start.s", "start.cpu_s", "triage.http_ratio", "triage.http_p95_ms", "triage.embedder_p95_ms",
    "memory.mib", "memory.warm_mib",
)  # fmt: skip
TEXTS = 200
WARM_UP = 20
MESSAGES = 2_000
BATCH = 500
PATIENCE_S = 300.0
_SCOPES = (Scope.TRIAGE, Scope.MESSAGES_WRITE, Scope.CASES_READ)
_HUIYIN = (sys.executable, "-c", "from service.cli import main; main()", "serve")


class Usage(NamedTuple):
    """What a process used so far: MiB resident now and at most, seconds of the processor."""

    now_mib: float
    peak_mib: float
    cpu_s: float


def served(settings: Settings, messages: int = MESSAGES) -> dict[str, float]:
    """All figures of one process; the service is set up and was started once before."""
    with own_settings(settings) as own:
        key = asyncio.run(_set_up(own))
        with _Server(own, key) as server:
            server.wait_ready()
        with _Server(own, key) as server:
            start = {"start.s": server.wait_ready()}
            if used := server.usage():
                start |= {"start.cpu_s": used.cpu_s, "memory.warm_mib": used.now_mib}
            if server.holds("libtorch"):
                raise NotMeasured("torch was loaded, which the product must not do")
            ratios = _http_against_embedder(own, server)
            server.triage_all(made_messages(messages))
            if used := server.usage():
                ratios["memory.mib"] = used.peak_mib
    return start | ratios


async def _set_up(settings: Settings) -> str:
    """The community, and an API key for it."""
    from service.bootstrap import open_application

    async with open_application(settings) as application:
        await add_community(application)
        _, secret = await application.accounts.create_key("bench", _SCOPES)
        return secret


def _http_against_embedder(settings: Settings, server: _Server) -> dict[str, float]:
    """Both on the same text in turns, so that noise falls on both alike."""
    embedder = build_embedder(settings.retrieval)
    http_s, alone_s = list[float](), list[float]()
    for number, text in enumerate(made_messages(TEXTS + WARM_UP)):
        alone = _seconds(partial(embedder.embed, [text], role=Role.QUERY))
        http = _seconds(partial(server.post, "/v1/triage", {"text": text}))
        if number >= WARM_UP:
            alone_s.append(alone)
            http_s.append(http)
    http_p95, alone_p95 = (float(np.percentile(taken, 95)) for taken in (http_s, alone_s))
    return {
        "triage.http_ratio": http_p95 / alone_p95,
        "triage.http_p95_ms": http_p95 * 1e3,
        "triage.embedder_p95_ms": alone_p95 * 1e3,
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class _Server:
    """The process, stopped with SIGTERM at the end."""

    def __init__(self, settings: Settings, key: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._key = key
        self._env = os.environ | {
            "HUIYIN_DATA_DIR": str(settings.data_dir),
            "HUIYIN_WEB__PORT": str(self._port),
            "HUIYIN_WEB__RATE_PER_MINUTE": "1000000",
        }
        self._env.pop("HUIYIN_DATABASE_URL", None)

    def __enter__(self) -> _Server:
        self._started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter and code
            _HUIYIN, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=60)

    def wait_ready(self) -> float:
        """Seconds from the start of the process until `/readyz` says yes."""
        while time.perf_counter() - self._started < PATIENCE_S:
            if self._process.poll() is not None:
                raise NotMeasured("the server ended; run `huiyin serve` to see why")
            try:
                if self._ask("GET", "/readyz")[0] == 200:
                    return time.perf_counter() - self._started
            except OSError:
                self._connection.close()
            time.sleep(0.02)
        raise NotMeasured(f"the server was not ready after {PATIENCE_S:.0f} s")

    def post(self, path: str, body: object) -> object:
        """What the service answers."""
        status, answer = self._ask("POST", path, body)
        if status >= 300:
            raise NotMeasured(f"the service answered {status} to {path}")
        return answer

    def triage_all(self, texts: Sequence[str]) -> None:
        """Post messages and wait until its worker has judged the last."""
        for start in range(0, len(texts), BATCH):
            batch = items(texts[start : start + BATCH], start)
            self.post("/v1/messages", {"community": COMMUNITY, "messages": batch})
        deadline = time.perf_counter() + PATIENCE_S
        path = f"/v1/cases?community={COMMUNITY}&status=untriaged&limit=1"
        while self._ask("GET", path)[1]["items"]:
            if time.perf_counter() > deadline:
                raise NotMeasured("the messages were not triaged in time")
            time.sleep(0.5)

    def usage(self) -> Usage | None:
        """Of the process itself, without the embedded PostgreSQL; None where nobody tells."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.is_file():
            return None
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        now, peak = (int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
        ticks = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        cpu = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
        return Usage(now, peak, cpu)

    def holds(self, library: str) -> bool:
        """Whether a library of this name is loaded."""
        maps = Path(f"/proc/{self._process.pid}/maps")
        return maps.is_file() and library in maps.read_text()

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())
