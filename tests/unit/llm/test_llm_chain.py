"""Who is asked, in which order, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.domain.llm import ChatMessage, ChatRequest
from service.errors import (
    BudgetExceeded,
    ConfigurationError,
    PermanentProviderError,
    ProviderError,
    TransientProviderError,
)
from service.llm.chain import ChainChat, Link
from service.llm.failures import Reason, permanent, transient
from service.llm.keys import key_of
from service.llm.scripted import ScriptedChat
from service.llm.stream import Stream
from service.ports.models import RESTART
from service.settings import ProviderSettings

DATA: dict[str, object] = {"text": "a"}
REQUEST = ChatRequest(
    feature="draft.reply",
    community="c",
    messages=(ChatMessage(role="user", content="hi"),),
    json_schema={"type": "object"},
    schema_name="s",
)


def chain(*replies: dict[str, object] | ProviderError) -> ChainChat:
    return ChainChat([Link(f"p{n}", ScriptedChat([reply])) for n, reply in enumerate(replies)])


async def failure(*errors: ProviderError) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await chain(*errors).complete(REQUEST)
    return caught.value


async def test_the_first_that_answers_ends_it() -> None:
    reply = await chain(DATA, permanent(Reason.REJECTED, "x")).complete(REQUEST)
    assert (reply.provider, reply.passed_over) == ("p0", ())


async def test_what_may_pass_is_told_rather_than_what_will_not() -> None:
    gone, refused = transient(Reason.UNAVAILABLE, "x"), permanent(Reason.REJECTED, "x")
    assert type(await failure(gone, refused)) is TransientProviderError
    told = await failure(refused, gone)
    assert type(told) is TransientProviderError
    assert told.details["passed_over"] == [
        {"provider": "p0", "reason": "rejected"},
        {"provider": "p1", "reason": "unavailable"},
    ]


async def test_a_budget_that_stops_all_is_told_as_such() -> None:
    spent = BudgetExceeded("The budget is spent.", reason="budget")
    told = await failure(spent, spent)
    assert isinstance(told, BudgetExceeded)
    assert told.details["reason"] == "budget"


async def test_those_to_avoid_are_not_asked() -> None:
    asked = REQUEST.model_copy(update={"avoid": ("p0",)})
    assert (await chain(DATA, DATA).complete(asked)).provider == "p1"
    both = REQUEST.model_copy(update={"avoid": ("p0", "p1")})
    with pytest.raises(PermanentProviderError) as caught:
        await chain(DATA, DATA).complete(both)
    assert caught.value.details["reason"] == "no_provider"


async def test_closing_ends_what_providers_started() -> None:
    closed: list[str] = []

    async def close() -> None:
        closed.append("own")

    await ChainChat(
        [Link("far", ScriptedChat([])), Link("own", ScriptedChat([]), close=close)]
    ).close()
    assert closed == ["own"]


async def test_a_restart_is_announced_once_and_only_after_something_was_heard() -> None:
    heard: list[str] = []

    async def listen(piece: str) -> None:
        heard.append(piece)

    stream = Stream(listen)
    for pieces in ((), ("a", "b"), (), ("c",)):
        hear = await stream.begin()
        assert hear is not None
        for piece in pieces:
            await hear(piece)
    assert heard == ["a", "b", RESTART, "c"]
    assert await Stream(None).begin() is None


def provider(**more: object) -> ProviderSettings:
    given = {"name": "a", "base_url": "http://127.0.0.1:1/v1", "model": "m"} | more
    return ProviderSettings.model_validate(given)


def test_keys_are_read_where_they_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MY_KEY", "from-variable")
    (tmp_path / "key").write_text("from-file\n")
    found = [
        key_of(provider(**more))
        for more in (
            {"api_key": "given"},
            {"api_key_ref": "env:MY_KEY"},
            {"api_key_ref": f"file:{tmp_path / 'key'}"},
        )
    ]
    values = [key.get_secret_value() for key in found if key is not None]
    assert values == ["given", "from-variable", "from-file"]
    assert key_of(provider()) is None


@pytest.mark.parametrize("ref", ["env:NOT_SET_ANYWHERE", "file:/nowhere/key"])
def test_a_key_that_is_not_there_is_named(ref: str) -> None:
    with pytest.raises(ConfigurationError, match="provider 'a'"):
        key_of(provider(api_key_ref=ref))
