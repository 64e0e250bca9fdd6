"""Handing in messages over HTTP: batches, repeats, bad input."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from service.bootstrap import Application
from service.connectors.webhook_in import sign
from service.domain.account import Scope
from tests.plugins.web import KeyMaker, item

WRITE = Scope.MESSAGES_WRITE


def body(*messages: Any) -> dict[str, Any]:
    return {"community": "acme", "messages": list(messages)}


@pytest.fixture
async def key(bearer: KeyMaker) -> dict[str, str]:
    return await bearer(WRITE)


async def test_one_and_many_are_accepted(web: httpx.AsyncClient, key: dict[str, str]) -> None:
    one = await web.post(
        "/v1/messages", json={"community": "acme", "messages": item(0, "你好")}, headers=key
    )
    assert (one.status_code, one.json()["accepted"]) == (202, 1)
    many = await web.post("/v1/messages", json=body(item(0, "你好"), item(1, "hi")), headers=key)
    answer = many.json()
    assert (answer["accepted"], answer["duplicate"], answer["rejected"]) == (1, 1, 0)
    assert [one["index"] for one in answer["results"]] == [0, 1]
    assert int(many.headers["RateLimit-Remaining"]) < int(many.headers["RateLimit-Limit"])


async def test_a_bad_item_never_sinks_its_batch(
    web: httpx.AsyncClient, key: dict[str, str]
) -> None:
    bad: list[Any] = [
        item(1, "  \u200b "),
        item(2, "x" * 20_001),
        item(3, "hi", sent_at="yesterday"),
        item(4, "hi", sent_at="1999-01-01T00:00:00Z"),
        item(5, "hi", surprise=1),
        "not an object",
        {"\ud800": "\udfff"},
        item(6, "nul \u0000 inside"),
        item(7, "<script>alert(1)</script> \u202e \x07"),
    ]
    raw = json.dumps(body(item(0, "good"), *bad))
    answer = await web.post(
        "/v1/messages", content=raw, headers=key | {"Content-Type": "application/json"}
    )
    assert answer.status_code == 202
    results = answer.json()["results"]
    assert [one["status"] for one in results] == (
        ["accepted"] + ["rejected"] * 7 + ["accepted"] * 2
    )
    assert all(one["code"] and one["detail"] for one in results[1:8])


async def test_an_idempotency_key_repeats_the_answer(
    web: httpx.AsyncClient, key: dict[str, str]
) -> None:
    keyed = key | {"Idempotency-Key": "retry-1"}
    first = await web.post("/v1/messages", json=body(item(0, "你好")), headers=keyed)
    again = await web.post("/v1/messages", json=body(item(0, "你好")), headers=keyed)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.json()["accepted"] == 1
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await web.post("/v1/messages", json=body(item(1, "别的")), headers=keyed)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


async def test_refusals_are_problems(web: httpx.AsyncClient, key: dict[str, str]) -> None:
    as_json = key | {"Content-Type": "application/json"}
    cases: list[tuple[int, str, dict[str, Any]]] = [
        (404, "not_found", {"json": body(item(0, "x")) | {"community": "nowhere"}}),
        (422, "invalid_input", {"json": body()}),
        (422, "invalid_input", {"json": body(*[item(n, "x") for n in range(1001)])}),
        (422, "invalid_input", {"json": {"community": "acme"}}),
        (422, "invalid_input", {"content": b"{", "headers": as_json}),
        (400, "malformed_request", {"content": b'{"a":"\xff\xfe"}', "headers": as_json}),
        (415, "unsupported_media_type", {"content": b"a=1"}),
        (415, "unsupported_media_type", {"data": {"a": "1"}}),
    ]
    for status, code, given in cases:
        answer = await web.post("/v1/messages", **{"headers": key, **given})
        assert (answer.status_code, answer.json()["code"]) == (status, code), given
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert answer.json()["type"] == f"urn:huiyin:problem:{code}"


async def test_validation_never_echoes_the_input(
    web: httpx.AsyncClient, key: dict[str, str]
) -> None:
    answer = await web.post(
        "/v1/messages", json={"community": {"secret": "13812345678"}}, headers=key
    )
    assert answer.status_code == 422
    assert "13812345678" not in answer.text


async def test_a_huge_body_is_cut_off_while_it_streams(
    web: httpx.AsyncClient, key: dict[str, str], application: Application
) -> None:
    limit = application.settings.web.max_body_mib * 1024 * 1024
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 3 * limit:
            sent += 1024 * 1024
            yield b" " * (1024 * 1024)

    headers = key | {"Content-Type": "application/json"}
    answer = await web.post("/v1/messages", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
    declared = headers | {"Content-Length": str(limit + 1)}
    answer = await web.post("/v1/messages", content=b"{}", headers=declared)
    assert answer.status_code == 413


async def test_signed_webhooks(web: httpx.AsyncClient, application: Application) -> None:
    raw = json.dumps([item(0, "从平台来"), "nonsense"]).encode()
    stamp = str(int(application.clock.now().timestamp()))

    def headers(secret: str, timestamp: str = stamp) -> dict[str, str]:
        return {
            "X-Huiyin-Timestamp": timestamp,
            "X-Huiyin-Signature": sign(secret, timestamp, raw),
        }

    path, secret = "/v1/webhooks/acme/messages", application.secrets.inbound_of("acme")
    good = await web.post(path, content=raw, headers=headers(secret))
    assert (good.status_code, good.json()["accepted"], good.json()["rejected"]) == (202, 1, 1)
    again = await web.post(path, content=raw, headers=headers(secret))
    assert again.json()["duplicate"] == 1
    old = str(int(stamp) - 3600)
    for refused in (headers("wrong"), headers(secret, old), {}):
        answer = await web.post(path, content=raw, headers=refused)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    elsewhere = "/v1/webhooks/none/messages"
    assert (await web.post(elsewhere, content=raw, headers=headers(secret))).status_code == 401
    theirs = headers(application.secrets.inbound_of("none"))
    assert (await web.post(elsewhere, content=raw, headers=theirs)).status_code == 404
    raw = b"[" + b"1" * 5_000 + b"]"
    endless = await web.post(path, content=raw, headers=headers(secret))
    assert (endless.status_code, endless.json()["code"]) == (400, "malformed_request")
