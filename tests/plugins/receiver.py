"""A real receiver on loopback: checks signatures, keeps what arrives, answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from service.connectors.webhook_in import verify


class HttpReceiver:
    """`arrived` holds (idempotency key, payload, properly signed) in order."""

    def __init__(self, secret: str) -> None:
        self.arrived: list[tuple[str, dict[str, Any], bool]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = verify(
                    secret,
                    self.headers["X-Huiyin-Timestamp"],
                    body,
                    self.headers["X-Huiyin-Signature"],
                    datetime.now(UTC),
                )
                outer.arrived.append((self.headers["Idempotency-Key"], json.loads(body), signed))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def http_receiver() -> Iterator[HttpReceiver]:
    opened = HttpReceiver("test-delivery-secret")
    yield opened
    opened.close()
