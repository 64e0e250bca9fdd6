"""How long is waited, and what is not tried again; plus how raw output is read."""

from __future__ import annotations

import asyncio

import pytest

from service.bootstrap import SystemClock, TimeOrderedIds
from service.domain.llm import ChatMessage, ChatRequest, LLMCall
from service.errors import PermanentProviderError, ProviderError, TransientProviderError
from service.llm.answer import Tokens, estimate, parse
from service.llm.failures import Reason, permanent, transient
from service.llm.recording import Prices, RecordingChat
from service.llm.retrying import RetryingChat
from service.llm.scripted import ScriptedChat
from service.llm.translate import retry_after

DATA: dict[str, object] = {"text": "a"}
REQUEST = ChatRequest(
    feature="f",
    community="c",
    messages=(ChatMessage(role="user", content="hi"),),
    json_schema={"type": "object"},
    schema_name="s",
)


def down(**details: object) -> ProviderError:
    return transient(Reason.UNAVAILABLE, "is down", **details)


async def run(
    *replies: dict[str, object] | ProviderError, jitter: float = 1.0
) -> tuple[list[float], ProviderError | None]:
    """The waits, and the error that came through in the end."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    script = ScriptedChat(replies)
    chat = RetryingChat(script, retries=2, sleep=sleep, jitter=lambda: jitter)
    assert chat.name == "scripted"
    failure = None
    try:
        await chat.complete(REQUEST)
    except ProviderError as error:
        failure = error
    script.assert_used_up()
    return waits, failure


async def test_waits_double_and_stop_when_it_works() -> None:
    assert await run(down(), down(), DATA) == ([0.5, 1.0], None)


async def test_an_answer_outlives_an_audit_that_cannot_be_written() -> None:
    async def away(call: LLMCall) -> None:
        raise TransientProviderError("The database is busy or away; try again.")

    script = ScriptedChat([down(), DATA])
    audited = RecordingChat(
        script, record=away, prices=Prices(1, 1), clock=SystemClock(), ids=TimeOrderedIds()
    )
    chat = RetryingChat(audited, retries=1, sleep=asyncio.sleep, jitter=lambda: 0.0)
    assert (await chat.complete(REQUEST)).data == DATA
    script.assert_used_up()


async def test_jitter_takes_off_up_to_half() -> None:
    assert (await run(down(), DATA, jitter=0.0))[0] == [0.25]


async def test_the_last_error_comes_through() -> None:
    last = down()
    assert (await run(down(), down(), last))[1] is last


@pytest.mark.parametrize(
    "error",
    [transient(Reason.TIMEOUT, "x"), permanent(Reason.REJECTED, "x"), down(retry_after_s=9.0)],
)
async def test_some_failures_are_not_tried_again(error: ProviderError) -> None:
    assert await run(error) == ([], error)


async def test_the_server_says_how_long_to_wait() -> None:
    assert (await run(down(retry_after_s=3.0), DATA))[0] == [3.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("", None), ("2", 2.0), ("-5", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


@pytest.mark.parametrize("raw", ['{"a": 1}', 'Sure!\n```json\n{"a": 1}\n```', '{"a": 1} '])
def test_the_object_is_found_in_its_wrapping(raw: str) -> None:
    assert parse(raw, {"type": "object"}, Tokens(1, 1)) == {"a": 1}


def test_what_does_not_fit_is_garbled_with_its_cost() -> None:
    schema = {"type": "object", "properties": {"a": {"enum": ["x"]}}}
    with pytest.raises(PermanentProviderError) as caught:
        parse('{"a": "secret"}', schema, Tokens(7, 3))
    assert caught.value.details == {
        "reason": "garbled",
        "prompt_tokens": 7,
        "completion_tokens": 3,
    }
    assert "secret" not in str(caught.value)


def test_tokens_are_reckoned_by_script() -> None:
    tokens = estimate((ChatMessage(role="user", content="你好吗abcd"),), "12345")
    assert tokens == Tokens(4, 2, estimated=True)
