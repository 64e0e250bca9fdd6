"""Deliveries over real HTTP on loopback, and the addresses they may go to."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from service.connectors.addresses import is_public
from service.connectors.webhook_in import verify
from service.connectors.webhook_out import WebhookReceiver, body_of
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.delivery import OutboxEntry, OutboxStatus
from service.domain.draft import DraftKind
from service.ports.models import SendResult

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ENTRY = OutboxEntry(
    id="out_1",
    community="zhujian",
    decision_id="dec_1",
    kind=DraftKind.REPLY,
    payload={"text": "你好", "case_id": "case_1"},
    status=OutboxStatus.PENDING,
    not_before=NOW,
    next_attempt_at=NOW,
    created_at=NOW,
)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class Hook:
    """A receiver's server: answers every request with the same bytes, or never."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer, self.port = answer, 0
        self.heads: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        head = dict(line.lower().split(": ", 1) for line in lines) | {"": first}
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(int(head["content-length"])))
        if self.answer is None:
            await asyncio.sleep(5)
        else:
            writer.write(self.answer)
            await writer.drain()
        writer.close()

    @property
    def url(self) -> str:
        return f"http://hook.example.com:{self.port}/in?x=1"


@asynccontextmanager
async def hook(answer: bytes | None = b"HTTP/1.1 204 X\r\n\r\n") -> AsyncIterator[Hook]:
    served = Hook(answer)
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served


def status(code: int, headers: str = "") -> bytes:
    return f"HTTP/1.1 {code} X\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


async def send(
    url: str | None, *, addresses: tuple[str, ...] = ("127.0.0.1",), allow_private: bool = True
) -> SendResult:
    async def look_up(_host: str, _port: int) -> list[str]:
        return list(addresses)

    receiver = WebhookReceiver(
        secret="s3cret",
        timeout_s=0.5,
        allow_private=allow_private,
        clock=StoppedClock(),
        look_up=look_up,
    )
    community = Community(id="zhujian", name=Bilingual(zh="竹", en="Z"), delivery_url=url)
    return await receiver.send(ENTRY, community)


async def test_a_delivery_is_signed_and_carries_its_key() -> None:
    async with hook() as served:
        result = await send(served.url)
    assert result == SendResult(ok=True, status_code=204, error=None)
    (head,), (body,) = served.heads, served.bodies
    assert head[""] == "POST /in?x=1 HTTP/1.1"
    assert head["host"] == f"hook.example.com:{served.port}"
    assert head["idempotency-key"] == "out_1"
    stamp = head["x-huiyin-timestamp"]
    assert verify("s3cret", stamp, body, head["x-huiyin-signature"], NOW)
    assert json.loads(body)["payload"] == ENTRY.payload


async def test_every_try_sends_the_same_bytes() -> None:
    async with hook(status(500)) as served:
        await send(served.url)
        await send(served.url)
    assert served.bodies == [body_of(ENTRY)] * 2


@pytest.mark.parametrize(
    ("code", "headers", "ok", "permanent"),
    [
        (200, "", True, False),
        (202, "", True, False),
        (409, "", True, False),
        (409, "Idempotency-Key: out_1\r\n", True, False),
        (409, "Idempotency-Key: out_2\r\n", False, True),
        (301, "Location: http://127.0.0.1/\r\n", False, True),
        (400, "", False, True),
        (401, "", False, True),
        (404, "", False, True),
        (410, "", False, True),
        (408, "", False, False),
        (425, "", False, False),
        (429, "", False, False),
        (500, "", False, False),
        (503, "", False, False),
    ],
)
async def test_what_the_answer_means(code: int, headers: str, ok: bool, permanent: bool) -> None:
    async with hook(status(code, headers)) as served:
        result = await send(served.url)
    assert (result.ok, result.permanent, result.status_code) == (ok, permanent, code)
    assert len(served.bodies) == 1
    assert "你好" not in str(result.error)


async def test_a_silent_receiver_times_out() -> None:
    async with hook(None) as served:
        result = await send(served.url)
    assert (result.ok, result.permanent) == (False, False)
    assert "in time" in str(result.error)


@pytest.mark.parametrize("answer", [b"", b"hello", b"HTTP/1.1 20x\r\n\r\n"])
async def test_nonsense_is_transient(answer: bytes) -> None:
    async with hook(answer) as served:
        result = await send(served.url)
    assert (result.ok, result.permanent) == (False, False)


async def test_an_endless_answer_is_not_read() -> None:
    async with hook(b"HTTP/1.1 200 X\r\nContent-Length: 99999999999\r\n\r\nxx") as served:
        assert (await send(served.url)).ok


async def test_a_dead_port_is_transient() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    result = await send(f"http://hook.example.com:{port}/")
    assert (result.ok, result.permanent) == (False, False)


async def test_no_receiver_is_permanent() -> None:
    assert (await send(None)).permanent


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hook.example.com/",
        "file:///etc/passwd",
        "hook.example.com",
        "http://",
        "http://user:pw@hook.example.com/",
        "http://hook.example.com:99999/",
        "http://[::1/",
        "http://a\x00b/",
    ],
)
async def test_odd_urls_are_refused_without_a_call(url: str) -> None:
    result = await send(url)
    assert (result.ok, result.permanent) == (False, True)
    assert "pw" not in str(result.error)


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("10.0.0.8",), ("93.184.216.34", "127.0.0.1"), ("::1",)]
)
async def test_private_addresses_are_refused_before_connecting(addresses: tuple[str, ...]) -> None:
    async with hook() as served:
        result = await send(served.url, addresses=addresses, allow_private=False)
    assert (result.ok, result.permanent, served.bodies) == (False, True, [])


async def test_an_unknown_name_is_transient() -> None:
    result = await send("http://hook.example.com/", addresses=())
    assert (result.ok, result.permanent) == (False, False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public
