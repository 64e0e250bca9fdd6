"""A local model lives in a child that starts when needed, is replaced when dead, and ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from service.domain.llm import ChatMessage, ChatRequest, LLMCall
from service.errors import ConfigurationError, TransientProviderError
from service.llm.build import build_chat
from service.llm.chain import ChainChat
from service.settings import LLMSettings
from tests.plugins._provider import CountingIds, FrozenClock

ROOT = Path(__file__).parents[3]
REQUEST = ChatRequest(
    feature="draft.reply",
    community="c",
    messages=(ChatMessage(role="user", content="hi"),),
    json_schema={"type": "object", "required": ["text"]},
    schema_name="s",
)


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in under the wheel's name, for this process and its children."""
    packages = tmp_path / "packages"
    packages.mkdir()
    shutil.copy(Path(__file__).with_name("xllamacpp_stand_in.py"), packages / "xllamacpp.py")
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setenv("PYTHONPATH", f"{packages}{os.pathsep}{ROOT}")


def model(tmp_path: Path, told: str) -> Path:
    path = tmp_path / "small.gguf"
    path.write_bytes(b"GGUF" + told.encode())
    return path


def built(path: Path, **more: object) -> ChainChat:
    async def record(_: LLMCall) -> None: ...

    provider: dict[str, Any] = {"name": "own", "gguf": str(path), "timeout_s": 20} | more
    settings = LLMSettings.model_validate({"max_retries": 0, "providers": [provider]})
    chat = build_chat(settings, record, FrozenClock(), CountingIds())
    assert chat is not None
    return chat


@pytest.fixture
async def hello(tmp_path: Path, runtime: None) -> AsyncIterator[ChainChat]:
    chat = built(model(tmp_path, "hello"), context_tokens=2048, threads=3, max_tokens=99)
    yield chat
    await chat.close()


def children() -> list[psutil.Process]:
    """The model processes of this one."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # others of this process come and go
            if "service.llm.gguf_child" in " ".join(child.cmdline()):
                found.append(child)
    return found


async def test_it_starts_when_first_asked_and_stays(hello: ChainChat) -> None:
    assert children() == []
    replies = await asyncio.gather(*(hello.complete(REQUEST) for _ in range(3)))
    for reply in replies:
        assert reply.data == {"text": "hello", "context": 2048, "threads": 3, "predict": 99}
        assert (reply.provider, reply.model) == ("own", "small")
    assert len(children()) == 1
    await hello.close()
    assert children() == []


async def test_a_dead_one_is_replaced(hello: ChainChat) -> None:
    await hello.complete(REQUEST)
    (child,) = children()
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    for _ in range(50):  # until the event loop was told
        try:
            reply = await hello.complete(REQUEST)
            break
        except TransientProviderError:
            await asyncio.sleep(0.05)
    assert reply.data["text"] == "hello"
    assert [one.pid for one in children()] != [child.pid]


@pytest.mark.parametrize("told", ["fails", "hangs"])
async def test_one_that_cannot_start_is_away_and_leaves_nothing(
    tmp_path: Path, runtime: None, told: str
) -> None:
    chat = built(model(tmp_path, told), start_s=2 if told == "hangs" else 30)
    with pytest.raises(TransientProviderError) as caught:
        await chat.complete(REQUEST)
    assert caught.value.details["reason"] == "unavailable"
    assert children() == []


def test_what_is_missing_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: None
) -> None:
    with pytest.raises(ConfigurationError, match="huiyin models pull"):
        built(tmp_path / "away.gguf")
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(ConfigurationError, match="no GGUF"):
        built(tmp_path / "page.gguf")
    monkeypatch.setattr("service.llm.gguf.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"huiyin\[local-llm\]"):
        built(model(tmp_path, "hello"))
