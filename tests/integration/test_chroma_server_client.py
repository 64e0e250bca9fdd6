"""The client of a Chroma server never waits for ever and never leaves its connections open."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from retrieval.build import build_vector_store
from retrieval.config import RetrievalConfig, VectorConfig
from retrieval.errors import IndexUnavailable
from retrieval.indexes.chroma_server import open_server
from retrieval.types import EmbedderInfo

INFO = EmbedderInfo("test", 4, 16, "a")


class Stalling(BaseHTTPRequestHandler):
    """Answers what connecting needs, and nothing else."""

    released = threading.Event()

    def do_GET(self) -> None:
        path = self.path.removeprefix("/api/v2")
        answers = {
            "/heartbeat": {"nanosecond heartbeat": 1},
            "/auth/identity": {
                "user_id": "",
                "tenant": "default_tenant",
                "databases": ["default_database"],
            },
            "/tenants/default_tenant": {"name": "default_tenant"},
            "/tenants/default_tenant/databases/default_database": {
                "id": "00000000-0000-0000-0000-000000000000",
                "name": "default_database",
                "tenant": "default_tenant",
            },
        }
        body = json.dumps(answers[path]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        Stalling.released.wait(20)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def stalling_url() -> Iterator[str]:
    Stalling.released.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stalling)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Stalling.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stalling_server_times_out(stalling_url: str) -> None:
    store = open_server(stalling_url, timeout_s=0.5)
    started = time.monotonic()
    with pytest.raises(IndexUnavailable, match="open a collection"):
        store.collection("c", INFO)
    assert time.monotonic() - started < 5
    store.close()


def test_a_server_that_never_answers_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        started = time.monotonic()
        with pytest.raises(IndexUnavailable, match="does not answer"):
            open_server(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout_s=0.5)
        assert time.monotonic() - started < 5


def test_no_server_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(IndexUnavailable, match="chroma run"):
        open_server(f"http://127.0.0.1:{port}", timeout_s=1)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host", "http://", "http://h/path"])
def test_unusable_urls_are_refused(url: str) -> None:
    with pytest.raises(IndexUnavailable, match="URL"):
        open_server(url, timeout_s=1)


def test_server_mode_needs_a_url(tmp_path: Path) -> None:
    config = RetrievalConfig(
        cache_dir=tmp_path, data_dir=tmp_path, vectors=VectorConfig(mode="server")
    )
    with pytest.raises(IndexUnavailable, match="no URL"):
        build_vector_store(config)
