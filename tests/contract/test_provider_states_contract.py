"""Every state a provider can be in, alone and with another one behind it, over HTTP on loopback."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.llm import ChatMessage, ChatRequest, LLMStatus, PassedOver
from service.drafting.partial import text_so_far
from service.errors import PermanentProviderError, ProviderError, TransientProviderError
from service.ports.models import RESTART
from tests.plugins._provider import (
    Answer,
    Desk,
    Provider,
    breaks_off,
    calls_a_tool,
    says,
    serve,
    silent,
    status,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "drafting"))
import drafting_samples as make

DATA: dict[str, object] = {
    "text": "按《会员与退款规则》3.2，核实后 3 个工作日内退回。",
    "citations": ["refunds#3.2"],
    "refusal": None,
    "refusal_reason": "",
}
ENGLISH = DATA | {"text": "We will send the extra charge back to you after a check."}
RAW = json.dumps(DATA, ensure_ascii=False)
ok = says(RAW)

SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
}
REQUEST = ChatRequest(
    feature="draft.reply",
    community="zhujian",
    messages=(ChatMessage(role="system", content="S"), ChatMessage(role="user", content="U" * 40)),
    json_schema=SCHEMA,
    schema_name="composition",
)

NO_CREDIT = '{"error": {"message": "no", "code": "insufficient_quota", "type": "x"}}'


class State(NamedTuple):
    """What a provider does, and what must come of it: reason, row status, prompt tokens, whether
    it may pass, and how often it is asked with one retry allowed."""

    answer: Answer | None
    reason: str
    status: LLMStatus
    prompt: int
    passes: bool
    asked: int


STATES = {
    "slow": State(silent, "timeout", LLMStatus.TIMEOUT, 11, True, 1),
    "dripping": State(says("x" * 400, pause_s=0.05), "timeout", LLMStatus.TIMEOUT, 11, True, 1),
    "dead": State(None, "unavailable", LLMStatus.UNAVAILABLE, 0, True, 2),
    "reset": State(breaks_off, "unavailable", LLMStatus.UNAVAILABLE, 0, True, 2),
    "no end": State(
        says('{"text": "ha', finish=None), "unavailable", LLMStatus.UNAVAILABLE, 100, True, 2
    ),
    "failing": State(status(503, body="<html>"), "unavailable", LLMStatus.UNAVAILABLE, 0, True, 2),
    "garbled": State(says("I think so."), "garbled", LLMStatus.GARBLED, 100, False, 2),
    "not JSON at all": State(
        says('{"text": "a'), "garbled", LLMStatus.GARBLED, 100, False, 2
    ),
    "truncated": State(says(RAW, finish="length"), "garbled", LLMStatus.GARBLED, 100, False, 2),
    "empty": State(says(""), "garbled", LLMStatus.GARBLED, 100, False, 2),
    "tool call": State(calls_a_tool, "garbled", LLMStatus.GARBLED, 100, False, 2),
    "filtered": State(
        says("", finish="content_filter"), "rejected", LLMStatus.REJECTED, 100, False, 1
    ),
    "over quota": State(
        status(429, headers="Retry-After: 120\r\n"), "over_quota", LLMStatus.UNAVAILABLE, 0, True, 1
    ),
    "busy": State(
        status(429, headers="Retry-After: 0.01\r\n"), "over_quota", LLMStatus.UNAVAILABLE, 0, True,
        2,
    ),
    "no credit": State(
        status(429, body=NO_CREDIT), "over_quota", LLMStatus.UNAVAILABLE, 0, False, 1
    ),
    "unpaid": State(status(402), "over_quota", LLMStatus.UNAVAILABLE, 0, False, 1),
    "wrong key": State(status(401), "rejected", LLMStatus.REJECTED, 0, False, 1),
    "no such model": State(status(404), "rejected", LLMStatus.REJECTED, 0, False, 1),
}  # fmt: skip
EVERY = pytest.mark.parametrize("state", STATES.values(), ids=STATES)


@asynccontextmanager
async def first(state: State) -> AsyncIterator[Provider]:
    """A provider in this state."""
    if state.answer is not None:
        async with serve(state.answer) as provider:
            yield provider
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gone = Provider(silent)
    gone.url = f"http://127.0.0.1:{port}/v1"
    yield gone


@EVERY
async def test_alone_it_fails_in_our_terms_and_in_time(state: State) -> None:
    async with first(state) as provider:
        desk = Desk(provider.url, timeout_s=0.4, max_retries=1)
        began = time.monotonic()
        with pytest.raises(ProviderError) as caught:
            await desk.chat.complete(REQUEST)
        took = time.monotonic() - began
    wanted = TransientProviderError if state.passes else PermanentProviderError
    assert type(caught.value) is wanted
    assert caught.value.details["reason"] == state.reason
    assert took < 4
    assert [call.status for call in desk.calls] == [state.status] * state.asked
    assert {(c.provider, c.error, c.prompt_tokens) for c in desk.calls} == {
        ("default", state.reason, state.prompt)
    }


@EVERY
async def test_with_another_behind_it_that_one_answers(state: State) -> None:
    heard: list[str] = []

    async def listen(piece: str) -> None:
        heard.append(piece)

    async with first(state) as one, serve(ok) as two:
        desk = Desk.of({"main": one.url, "spare": two.url}, timeout_s=0.4)
        reply = await desk.chat.complete(REQUEST, on_delta=listen)
    assert (reply.provider, reply.data) == ("spare", DATA)
    assert reply.passed_over == (PassedOver(provider="main", reason=state.reason),)
    rows = [(call.provider, call.status, call.model) for call in desk.calls]
    assert rows == [
        ("main", state.status, "model-main"),
        ("spare", LLMStatus.OK, "model-spare"),
    ]
    assert text_so_far("".join(heard)) == DATA["text"]
    void, restart, _ = "".join(heard).rpartition(RESTART)
    assert bool(restart) is bool(void), "what broke off is declared void, and nothing else is"


@EVERY
async def test_a_draft_says_who_wrote_it_and_who_did_not(state: State) -> None:
    async with first(state) as one, serve(ok) as two:
        desk = Desk.of({"main": one.url, "spare": two.url}, timeout_s=0.4)
        got = await make.engine().compose(make.context(), desk.chat)
    assert (got.origin, got.provider, got.model) == (Origin.MODEL, "spare", "served-model")
    assert got.passed_over == (PassedOver(provider="main", reason=state.reason),)


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (says(json.dumps(ENGLISH)), "failed_checks"),
        (says(json.dumps(DATA | {"text": ""}, ensure_ascii=False)), "garbled"),
    ],
    ids=["wrong language", "no text"],
)
async def test_an_answer_of_no_use_is_asked_of_the_next(answer: Answer, because: str) -> None:
    heard: list[str] = []

    async def listen(piece: str) -> None:
        heard.append(piece)

    async with serve(answer) as one, serve(ok) as two:
        desk = Desk.of({"main": one.url, "spare": two.url})
        got = await make.engine().compose(make.context(lang=Lang.ZH), desk.chat, on_delta=listen)
    assert (got.origin, got.provider) == (Origin.MODEL, "spare")
    assert got.passed_over == (PassedOver(provider="main", reason=because),)
    assert [call.status for call in desk.calls] == [LLMStatus.OK, LLMStatus.OK]
    assert text_so_far("".join(heard)) == DATA["text"]


async def test_when_all_answers_are_of_no_use_each_was_asked_once() -> None:
    async with serve(says(json.dumps(ENGLISH))) as one, serve(says(json.dumps(ENGLISH))) as two:
        desk = Desk.of({"main": one.url, "spare": two.url})
        got = await make.engine().compose(make.context(lang=Lang.ZH), desk.chat)
        assert (len(one.bodies), len(two.bodies)) == (1, 1)
    assert (got.origin, got.degraded_because) == (Origin.TEMPLATE, "failed_checks")
    assert [(p.provider, p.reason) for p in got.passed_over] == [
        ("main", "failed_checks"),
        ("spare", "failed_checks"),
    ]


async def test_when_all_fail_the_draft_names_each() -> None:
    async with serve(status(401)) as one, serve(silent) as two:
        desk = Desk.of({"main": one.url, "spare": two.url}, timeout_s=0.3)
        got = await make.engine().compose(make.context(), desk.chat)
    assert (got.origin, got.degraded_because) == (Origin.TEMPLATE, "timeout")
    assert [(p.provider, p.reason) for p in got.passed_over] == [
        ("main", "rejected"),
        ("spare", "timeout"),
    ]


@pytest.mark.parametrize("answer", [status(500), status(401), status(429, body=NO_CREDIT)])
async def test_each_provider_has_its_own_breaker(answer: Answer) -> None:
    async with serve(answer) as one, serve(ok) as two:
        desk = Desk.of({"main": one.url, "spare": two.url}, breaker_failures=2, breaker_s=30.0)
        replies = [await desk.chat.complete(REQUEST) for _ in range(4)]
        assert len(one.bodies) == 2
        assert [reply.passed_over[0].reason for reply in replies[2:]] == ["circuit_open"] * 2
        one.answers = [ok]
        desk.clock.time += timedelta(seconds=31)
        assert (await desk.chat.complete(REQUEST)).provider == "main"


async def test_a_provider_is_asked_only_for_what_it_is_said_to_do() -> None:
    async with serve(ok) as one, serve(ok) as two:
        desk = Desk.of(
            {"small": one.url, "large": two.url},
            each={"small": {"capabilities": ["classify", "json_schema"]}},
        )
        reply = await desk.chat.complete(REQUEST)
        sorted_by = await desk.chat.complete(REQUEST.model_copy(update={"feature": "classify"}))
        named = await desk.chat.complete(REQUEST.model_copy(update={"feature": "theme_name"}))
        other = await desk.chat.complete(REQUEST.model_copy(update={"feature": "other.thing"}))
    assert reply.passed_over == (PassedOver(provider="small", reason="no_provider"),)
    who = [one.provider for one in (reply, sorted_by, named, other)]
    assert who == ["large", "small", "large", "small"]


async def test_nobody_for_a_task_is_said_so() -> None:
    async with serve(ok) as one:
        desk = Desk.of({"small": one.url}, each={"small": {"capabilities": ["classify"]}})
        with pytest.raises(PermanentProviderError) as caught:
            await desk.chat.complete(REQUEST)
        assert one.bodies == []
    assert caught.value.details["reason"] == "no_provider"


async def test_one_without_schemas_is_asked_in_json_mode_at_once() -> None:
    async with serve(ok) as one:
        desk = Desk.of({"old": one.url}, each={"old": {"capabilities": ["draft"]}})
        await desk.chat.complete(REQUEST)
        assert [b["response_format"]["type"] for b in one.bodies] == ["json_object"]


async def test_a_fixed_schema_is_the_same_for_every_case() -> None:
    invented = DATA | {"citations": ["refunds#3.2", "made#1"]}
    async with serve(says(json.dumps(invented, ensure_ascii=False))) as one:
        desk = Desk.of({"host": one.url}, each={"host": {"fixed_schema": True}})
        got = await make.engine().compose(make.context(), desk.chat)
        (shown, *_) = make.context().passages
        other = shown.model_copy(update={"clause_id": "refunds#9"})
        await make.engine().compose(
            make.context().model_copy(update={"passages": (other,)}), desk.chat
        )
        formats = [body["response_format"] for body in one.bodies]
    assert formats[0] == formats[1]
    assert [citation.clause_id for citation in got.citations] == ["refunds#3.2"]


async def test_cached_tokens_are_counted_and_cost_what_they_cost() -> None:
    async with serve(says(RAW, cached=80)) as one:
        desk = Desk.of({"host": one.url}, each={"host": {"price_cached": 0.1}})
        reply = await desk.chat.complete(REQUEST)
    (call,) = desk.calls
    assert (reply.cached_tokens, call.prompt_tokens, call.cached_tokens) == (80, 100, 80)
    assert call.cost == pytest.approx((20 * 1.0 + 80 * 0.1 + 20 * 2.0) / 1e6)


async def test_keys_go_to_their_own_provider_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPARE_KEY", "key-of-spare")
    (tmp_path / "key").write_text("key-of-main\n")
    async with serve(status(503)) as one, serve(ok) as two:
        desk = Desk.of(
            {"main": one.url, "spare": two.url},
            each={
                "main": {"api_key_ref": f"file:{tmp_path / 'key'}"},
                "spare": {"api_key_ref": "env:SPARE_KEY"},
            },
        )
        await desk.chat.complete(REQUEST)
        assert "authorization: bearer key-of-main" in one.heads[0].lower()
        assert "authorization: bearer key-of-spare" in two.heads[0].lower()
