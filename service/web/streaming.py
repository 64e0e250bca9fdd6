"""Drafting as server-sent events: the text while it grows, then the stored draft."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from service.domain.draft import Draft
from service.drafting.partial import text_so_far
from service.errors import AppError
from service.ports.models import RESTART, OnDelta

log = structlog.get_logger()

Compose = Callable[[OnDelta], Awaitable[Draft]]
Finish = Callable[[Draft], Awaitable[dict[str, object]]]


def stream_draft(compose: Compose, finish: Finish) -> StreamingResponse:
    """Events: `text` (whole text so far), then `draft` or `error`; `restart` when what was shown
    is void and the text begins anew, from another try or another model.

    A model's answer is unchecked until the `draft` event: show it as work in progress only. When
    the client goes away the drafting goes on, so that nothing paid for is lost.
    """
    return StreamingResponse(_events(compose, finish), media_type="text/event-stream")


async def _events(compose: Compose, finish: Finish) -> AsyncIterator[bytes]:
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    task = asyncio.create_task(_run(compose, finish, queue))
    while (event := await queue.get()) is not None:
        yield event
    await task


async def _run(compose: Compose, finish: Finish, queue: asyncio.Queue[bytes | None]) -> None:
    raw, shown = "", ""

    async def on_delta(piece: str) -> None:
        nonlocal raw, shown
        if piece == RESTART:
            raw = shown = ""
            queue.put_nowait(event("restart", {}))
            return
        raw += piece
        if (text := text_so_far(raw)) != shown:
            shown = text
            queue.put_nowait(event("text", {"text": text}))

    try:
        queue.put_nowait(event("draft", await finish(await compose(on_delta))))
    except AppError as error:
        queue.put_nowait(event("error", {"code": error.code, "detail": error.message}))
    except Exception as error:  # its text may quote a member, so neither log nor client gets it
        log.error("draft_stream_failed", kind=type(error).__name__)
        detail = "Something went wrong on our side; the log names it."
        queue.put_nowait(event("error", {"code": "internal", "detail": detail}))
    finally:
        queue.put_nowait(None)


def event(name: str, data: dict[str, object]) -> bytes:
    """One event on the wire."""
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False), event=name)
