"""A model server on loopback that answers as told, and a chat model that asks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from service.domain.llm import LLMCall
from service.llm.build import build_chat
from service.ports.models import ChatModel
from service.settings import LLMSettings

Answer = Callable[[dict[str, Any], asyncio.StreamWriter], Awaitable[None]]


class FrozenClock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class CountingIds:
    """`<prefix>_1`, `<prefix>_2`, …"""

    def __init__(self) -> None:
        self.count = 0

    def new(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count}"


class Provider:
    """A model server: each answer serves one request, the last one all further requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.bodies, self.url = list(answers), list[dict[str, Any]](), ""
        self.heads: list[str] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        size = next(
            int(line[15:]) for line in head.lower().split("\r\n") if "content-length" in line
        )
        self.bodies.append(json.loads(await reader.readexactly(size)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            await answer(self.bodies[-1], writer)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serve(*answers: Answer) -> AsyncIterator[Provider]:
    provider = Provider(*answers)
    server = await asyncio.start_server(provider.handle, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield provider


def event(
    content: str = "", finish: str | None = None, usage: bool = False, cached: int = 0
) -> bytes:
    chunk: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "served-model",
        "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}],
    }
    if usage:
        chunk["choices"] = []
        chunk["usage"] = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        if cached:
            chunk["usage"]["prompt_tokens_details"] = {"cached_tokens": cached}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def says(
    text: str,
    *,
    finish: str | None = "stop",
    usage: bool = True,
    pause_s: float = 0.0,
    cached: int = 0,
) -> Answer:
    async def answer(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        for start in range(0, len(text), 10):
            writer.write(event(text[start : start + 10]))
            await writer.drain()
            await asyncio.sleep(pause_s)
        if finish:
            writer.write(event(finish=finish))
        if usage:
            writer.write(event(usage=True, cached=cached))
        if finish:
            writer.write(b"data: [DONE]\n\n")
        await writer.drain()

    return answer


def status(code: int, *, headers: str = "", body: str = '{"error": {"message": "no"}}') -> Answer:
    async def answer(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\n{headers}"
        writer.write(
            f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        await writer.drain()

    return answer


async def silent(_body: dict[str, Any], _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def calls_a_tool(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    """Answers with a call of a function nobody offered."""
    function = {"name": "send_reply", "arguments": '{"text": "x"}'}
    chunk = json.loads(event().removeprefix(b"data: "))
    chunk["choices"][0]["delta"] = {
        "tool_calls": [{"index": 0, "id": "t", "type": "function", "function": function}]
    }
    writer.write(HEAD + b"data: " + json.dumps(chunk).encode() + b"\n\n")
    writer.write(event(finish="tool_calls") + event(usage=True) + b"data: [DONE]\n\n")
    await writer.drain()


async def breaks_off(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD.replace(b"Connection: close", b"Transfer-Encoding: chunked"))
    piece = event('{"text": "half')
    writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    await writer.drain()


class Desk:
    """A chat model over a provider's address, with its audit rows and clock."""

    def __init__(self, url: str, **settings: Any) -> None:
        values = {"timeout_s": 5.0, "max_retries": 0, "price_in": 1.0, "price_out": 2.0} | settings
        self._build(LLMSettings(base_url=url, model="wanted", **values))

    @classmethod
    def of(
        cls,
        urls: Mapping[str, str],
        *,
        timeout_s: float = 5.0,
        each: Mapping[str, Mapping[str, Any]] | None = None,
        **settings: Any,
    ) -> Desk:
        """Over several providers in order, by name; `each` holds more settings of one."""
        desk = cls.__new__(cls)
        providers = [
            {"name": name, "base_url": url, "model": f"model-{name}", "timeout_s": timeout_s,
             "price_in": 1.0, "price_out": 2.0, **(each or {}).get(name, {})}
            for name, url in urls.items()
        ]  # fmt: skip
        desk._build(
            LLMSettings.model_validate({"max_retries": 0, "providers": providers} | settings)
        )
        return desk

    def _build(self, settings: LLMSettings) -> None:
        self.calls: list[LLMCall] = []
        self.clock = FrozenClock()
        chat = build_chat(settings, self._record, self.clock, CountingIds())
        assert chat is not None
        self.chat: ChatModel = chat

    async def _record(self, call: LLMCall) -> None:
        self.calls.append(call)
