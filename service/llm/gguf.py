"""A local model file (GGUF), run by llama.cpp in a supervised child process on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import structlog
from pydantic import SecretStr

from service.domain.llm import ChatReply, ChatRequest
from service.errors import ConfigurationError, ProviderError
from service.llm.failures import Reason, transient
from service.llm.gguf_child import Orders
from service.llm.openai_compatible import OpenAICompatibleChat
from service.ports.models import OnDelta
from service.settings import ProviderSettings

MAGIC = b"GGUF"
_STOP_S = 5.0

log = structlog.get_logger()


class GgufChat:
    """Implements `ChatModel`. The child starts with the first call, is started again when it has
    died, and ends with `close` or with us. One call at a time: the time-out counts from when the
    model begins, not from when the call was made.

    Raises:
        ConfigurationError: no such file, no GGUF, or `[local-llm]` is not installed.
    """

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings, self._path = settings, usable(settings)
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._endpoint: OpenAICompatibleChat | None = None

    @property
    def name(self) -> str:
        """As configured, else the file's name."""
        return self._settings.model or self._path.stem

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Ask, starting the child where there is none.

        Raises:
            TransientProviderError, PermanentProviderError: as an endpoint's.
        """
        async with self._turn:
            if self._child is None or self._child.returncode is not None:
                self._endpoint = await self._start()
            assert self._endpoint is not None  # noqa: S101
            try:
                return await self._endpoint.complete(request, on_delta=on_delta)
            except ProviderError:
                await asyncio.sleep(0)  # lets the loop notice a child that just died
                raise

    async def close(self, *, wait_s: float = _STOP_S) -> None:
        """End the child, by force if it is not gone after `wait_s`."""
        child, self._child, self._endpoint = self._child, None, None
        if child is not None:
            await _end(child, wait_s)

    async def _start(self) -> OpenAICompatibleChat:
        key = secrets.token_urlsafe(32)
        self._child = child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.llm.gguf_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._settings.start_s):
                address = await _introduce(child, self._orders(key))
        except (TimeoutError, OSError, ValueError) as error:
            await self.close(wait_s=0.0)
            raise transient(Reason.UNAVAILABLE, "of this machine did not start") from error
        except asyncio.CancelledError:
            await self.close(wait_s=0.0)
            raise
        log.info("local_model_started", model=self.name)
        place = {"base_url": f"{address}/v1", "gguf": None, "model": self.name}
        return OpenAICompatibleChat(self._settings.model_copy(update=place), SecretStr(key))

    def _orders(self, key: str) -> Orders:
        given = self._settings
        return Orders(
            path=str(self._path),
            name=self.name,
            context_tokens=given.context_tokens,
            max_tokens=given.max_tokens,
            threads=given.threads or max(1, (os.cpu_count() or 2) // 2),
            key=key,
        )


def usable(settings: ProviderSettings) -> Path:
    """The model's file.

    Raises:
        ConfigurationError: it or its runtime is missing; the message says the remedy.
    """
    path = Path(settings.gguf or "").expanduser()
    try:
        with path.open("rb") as file:
            good = file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise ConfigurationError(
            f"Provider {settings.name!r}: there is no model file {path}; fetch one with "
            "`huiyin models pull`."
        ) from error
    if not good:
        raise ConfigurationError(f"Provider {settings.name!r}: {path} is no GGUF file.")
    if find_spec("xllamacpp") is None:
        raise ConfigurationError(
            f"Provider {settings.name!r} runs a local model: pip install 'huiyin[local-llm]'."
        )
    return path


async def _introduce(child: asyncio.subprocess.Process, orders: Orders) -> str:
    """Hand the orders over; the address it serves on.

    Raises:
        ValueError: it ended, or told an error.
    """
    assert child.stdin is not None  # noqa: S101
    assert child.stdout is not None  # noqa: S101
    child.stdin.write(json.dumps(orders).encode() + b"\n")
    await child.stdin.drain()
    told = json.loads(await child.stdout.readline())
    if "address" not in told:
        log.warning("local_model_failed", error=told.get("error"))
        raise ValueError("the child told an error")
    return str(told["address"])


async def _end(child: asyncio.subprocess.Process, wait_s: float) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), wait_s)
    except TimeoutError:
        with suppress(ProcessLookupError):  # it went by itself in this moment
            child.kill()
        await child.wait()
