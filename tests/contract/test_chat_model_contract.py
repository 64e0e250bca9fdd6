"""Every state a provider can be in, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.llm import ChatMessage, ChatRequest, LLMCall, LLMStatus
from service.errors import PermanentProviderError, TransientProviderError
from service.llm.build import build_chat
from service.llm.scripted import ScriptedChat
from service.settings import LLMSettings
from tests.plugins._provider import (
    Answer,
    CountingIds,
    Desk,
    FrozenClock,
    breaks_off,
    says,
    serve,
    silent,
    status,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "drafting"))
import drafting_samples as make

GOOD: dict[str, object] = {
    "text": "按《会员与退款规则》3.2，核实后 3 个工作日内退回 🙂",
    "citations": ["refunds#3.2"],
    "refusal": None,
    "refusal_reason": "",
}
ENGLISH = GOOD | {"text": "We will send the extra charge back to you after a check."}
ok = says(json.dumps(GOOD, ensure_ascii=False))


def request() -> ChatRequest:
    schema = {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    }
    return ChatRequest(
        feature="draft.reply",
        community="zhujian",
        messages=(ChatMessage(role="system", content="S"), ChatMessage(role="user", content="U")),
        json_schema=schema,
        schema_name="composition",
    )


async def test_a_good_answer_is_streamed_parsed_and_audited() -> None:
    pieces: list[str] = []

    async def collect(piece: str) -> None:
        pieces.append(piece)

    async with serve(ok) as provider:
        desk = Desk(provider.url, api_key="secret-key")
        reply = await desk.chat.complete(request(), on_delta=collect)
    assert reply.data == GOOD
    assert json.loads("".join(pieces)) == GOOD
    assert len(pieces) > 5
    assert (reply.model, reply.prompt_tokens, reply.completion_tokens) == ("served-model", 100, 20)
    (call,) = desk.calls
    assert (call.status, call.cost, call.error) == (LLMStatus.OK, pytest.approx(140e-6), None)
    assert "退回" not in call.model_dump_json()


async def test_the_request_asks_for_the_schema_and_a_stream() -> None:
    async with serve(ok) as provider:
        await Desk(provider.url).chat.complete(request())
    (body,) = provider.bodies
    assert body["model"] == "wanted"
    assert body["stream"] is True
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == request().json_schema
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]


async def test_tokens_are_estimated_when_the_server_counts_none() -> None:
    async with serve(says(json.dumps(GOOD, ensure_ascii=False), usage=False)) as provider:
        desk = Desk(provider.url)
        reply = await desk.chat.complete(request())
    assert reply.tokens_estimated
    assert 20 < reply.completion_tokens < 80
    assert desk.calls[0].error == "tokens_estimated"


async def fails(desk: Desk, error: type[Exception]) -> dict[str, object]:
    with pytest.raises(error) as caught:
        await desk.chat.complete(request())
    details: dict[str, object] = caught.value.details  # type: ignore[attr-defined]
    return details


@pytest.mark.parametrize("answer", [silent, says("x" * 400, pause_s=0.05)])
async def test_slow_is_a_timeout_also_when_it_drips(answer: Answer) -> None:
    async with serve(answer) as provider:
        desk = Desk(provider.url, timeout_s=0.4, max_retries=2)
        assert (await fails(desk, TransientProviderError))["reason"] == "timeout"
    assert [call.status for call in desk.calls] == [LLMStatus.TIMEOUT]


async def test_a_dead_port_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    desk = Desk(url, max_retries=1)
    assert (await fails(desk, TransientProviderError))["reason"] == "unavailable"
    assert [call.status for call in desk.calls] == [LLMStatus.UNAVAILABLE] * 2


@pytest.mark.parametrize("answer", [breaks_off, says('{"text": "half', finish=None, usage=False)])
async def test_a_truncated_stream_is_tried_again(answer: Answer) -> None:
    async with serve(answer, ok) as provider:
        desk = Desk(provider.url, max_retries=1)
        assert (await desk.chat.complete(request())).data == GOOD
    assert [call.status for call in desk.calls] == [LLMStatus.UNAVAILABLE, LLMStatus.OK]


@pytest.mark.parametrize(
    "text", ["I think so.", '{"text": 5}', "{}", '{"text": "a"', "[1]", "", '{"text": "\\ud800x"']
)
async def test_garbled_again_and_again_is_permanent(text: str) -> None:
    async with serve(says(text)) as provider:
        desk = Desk(provider.url, max_retries=1)
        assert (await fails(desk, PermanentProviderError))["reason"] == "garbled"
    assert [call.status for call in desk.calls] == [LLMStatus.GARBLED] * 2
    assert desk.calls[0].prompt_tokens == 100


async def test_an_answer_cut_by_the_token_limit_is_garbled() -> None:
    async with serve(says(json.dumps(GOOD), finish="length")) as provider:
        desk = Desk(provider.url)
        assert (await fails(desk, PermanentProviderError))["reason"] == "garbled"


async def test_a_code_fence_around_the_object_is_forgiven() -> None:
    async with serve(says(f"```json\n{json.dumps(GOOD)}\n```")) as provider:
        assert (await Desk(provider.url).chat.complete(request())).data == GOOD


async def test_over_quota_waits_as_long_as_asked() -> None:
    async with serve(status(429, headers="Retry-After: 0.05\r\n"), ok) as provider:
        desk = Desk(provider.url, max_retries=1)
        assert (await desk.chat.complete(request())).data == GOOD
    assert desk.calls[0].error == "over_quota"


async def test_over_quota_for_long_fails_at_once() -> None:
    async with serve(status(429, headers="Retry-After: 120\r\n")) as provider:
        desk = Desk(provider.url, max_retries=3)
        details = await fails(desk, TransientProviderError)
    assert (details["reason"], details["retry_after_s"]) == ("over_quota", 120.0)
    assert len(provider.bodies) == 1


async def test_an_endpoint_without_schemas_is_asked_in_json_mode_and_remembered() -> None:
    async with serve(status(400), ok) as provider:
        desk = Desk(provider.url)
        assert (await desk.chat.complete(request())).data == GOOD
        await desk.chat.complete(request())
    modes = [body["response_format"]["type"] for body in provider.bodies]
    assert modes == ["json_schema", "json_object", "json_object"]
    assert '"required": ["text"]' in provider.bodies[1]["messages"][0]["content"]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
async def test_a_rejection_is_permanent_and_not_repeated_for_ever(code: int) -> None:
    async with serve(status(code)) as provider:
        desk = Desk(provider.url, max_retries=3)
        assert (await fails(desk, PermanentProviderError))["reason"] == "rejected"
    assert len(provider.bodies) == (2 if code in (400, 422) else 1)


@pytest.mark.parametrize("code", [500, 502, 503, 408])
async def test_server_trouble_is_transient(code: int) -> None:
    async with serve(status(code, body="<html>")) as provider:
        assert (await fails(Desk(provider.url), TransientProviderError))["status"] == code


async def test_errors_and_rows_never_hold_prompt_or_key() -> None:
    async with serve(
        status(401, body='{"error": {"message": "bad key secret-key for U-text"}}')
    ) as p:
        desk = Desk(p.url, api_key="secret-key")
        with pytest.raises(PermanentProviderError) as caught:
            await desk.chat.complete(request())
    assert "secret-key" not in f"{caught.value} {caught.value.details} {desk.calls}"


async def test_the_circuit_opens_and_one_call_may_try_again() -> None:
    async with serve(status(500), status(500), status(500), ok) as provider:
        desk = Desk(provider.url, breaker_failures=2, breaker_s=30.0)
        for reason in ("unavailable", "unavailable", "circuit_open"):
            assert (await fails(desk, TransientProviderError))["reason"] == reason
        assert len(provider.bodies) == 2
        desk.clock.time += timedelta(seconds=31)
        assert (await fails(desk, TransientProviderError))["reason"] == "unavailable"
        assert (await fails(desk, TransientProviderError))["reason"] == "circuit_open"
        desk.clock.time += timedelta(seconds=31)
        assert (await desk.chat.complete(request())).data == GOOD
        assert (await desk.chat.complete(request())).data == GOOD


async def test_a_cancelled_call_leaves_a_row() -> None:
    asked = asyncio.Event()

    async def waits(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        asked.set()
        await silent(_body, writer)

    async with serve(waits) as provider:
        desk = Desk(provider.url)
        task = asyncio.create_task(desk.chat.complete(request()))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert desk.calls[0].error == "cancelled"


async def test_a_listener_that_fails_is_not_the_providers_fault() -> None:
    async def burst(_piece: str) -> None:
        raise OSError("the reader has gone")

    async with serve(ok) as provider:
        with pytest.raises(OSError, match="the reader has gone"):
            await Desk(provider.url).chat.complete(request(), on_delta=burst)


def test_nothing_configured_is_no_model() -> None:
    async def record(_call: LLMCall) -> None: ...

    assert build_chat(LLMSettings(model="m"), record, FrozenClock(), CountingIds()) is None


async def test_a_draft_in_the_wrong_language_is_caught() -> None:
    async with serve(says(json.dumps(ENGLISH))) as provider:
        desk = Desk(provider.url)
        got = await make.engine().compose(make.context(lang=Lang.ZH), desk.chat)
    assert desk.calls[0].status is LLMStatus.OK
    assert (got.origin, got.degraded_because) == (Origin.TEMPLATE, "failed_checks")


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (status(500), "unavailable"),
        (status(429), "over_quota"),
        (status(401), "rejected"),
        (says("no json"), "garbled"),
        (breaks_off, "unavailable"),
        (silent, "timeout"),
    ],
)
async def test_a_draft_degrades_and_says_why(answer: Answer, because: str) -> None:
    async with serve(answer) as provider:
        chat = Desk(provider.url, timeout_s=0.5).chat
        got = await make.engine().compose(make.context(), chat)
    assert (got.origin, got.degraded_because) == (Origin.TEMPLATE, because)
    assert make.DOUBLE in got.text


async def test_the_script_must_be_used_up() -> None:
    script = ScriptedChat([GOOD, TransientProviderError("x", reason="timeout")])
    pieces: list[str] = []

    async def collect(piece: str) -> None:
        pieces.append(piece)

    assert (await script.complete(request(), on_delta=collect)).data == GOOD
    assert json.loads("".join(pieces)) == GOOD
    with pytest.raises(AssertionError, match="1 scripted"):
        script.assert_used_up()
    with pytest.raises(TransientProviderError):
        await script.complete(request())
    script.assert_used_up()
    with pytest.raises(AssertionError, match="no reply left"):
        await script.complete(request())
