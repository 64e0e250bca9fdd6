"""The demo's receiver: a loopback webhook that checks signatures and prints what arrives."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar

from service.cli.console import out
from service.connectors.webhook_in import verify


class Receiver:
    """Listens on a free loopback port while the block lasts."""

    def __init__(self, secret: str) -> None:
        handler = type("Handler", (_Handler,), {"secret": secret, "seen": set()})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        """Where deliveries go."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    secret: ClassVar[str]
    seen: ClassVar[set[str]]

    def do_POST(self) -> None:
        """Accept a signed delivery; the same key again changes nothing."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1_000_000))
        key = self.headers.get("Idempotency-Key", "")
        if not self._signed(body):
            self.send_response(401)
        else:
            self.send_response(200)
            if key not in self.seen:
                self.seen.add(key)
                _show(json.loads(body))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def _signed(self, body: bytes) -> bool:
        timestamp = self.headers.get("X-Huiyin-Timestamp", "")
        signature = self.headers.get("X-Huiyin-Signature", "")
        return verify(self.secret, timestamp, body, signature, datetime.now(UTC))


def _show(delivery: dict[str, dict[str, object]]) -> None:
    payload = delivery["payload"]
    place = payload.get("channel") or payload.get("source") or ""
    out.print(f"delivered to {place}: {payload.get('text')}", markup=False, highlight=False)
