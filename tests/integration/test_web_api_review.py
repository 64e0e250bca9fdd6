"""From a case to a delivery over the API: drafts, tasks, decisions, posts, rules."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from retrieval.types import DocumentKind
from service.bootstrap import Application
from service.domain.llm import ChatReply, ChatRequest
from service.errors import TransientProviderError
from service.ports.models import OnDelta
from service.web.app import create_app
from tests.plugins.app import FrozenClock, RecordingReceiver
from tests.plugins.web import BASE, RULES, KeyMaker, Seed

ACME = {"community": "acme"}


@pytest.fixture
async def key(bearer: KeyMaker) -> dict[str, str]:
    return await bearer()


async def test_triage_stores_nothing(
    web: httpx.AsyncClient, key: dict[str, str], application: Application
) -> None:
    answer = await web.post("/v1/triage", json={"texts": ["我要退款", "谢谢"]}, headers=key)
    found = [one["labels"][0]["category"] for one in answer.json()["judgements"]]
    assert found == ["billing_refund", "praise"]
    one = await web.post("/v1/triage", json={"text": "我要退款"}, headers=key)
    assert len(one.json()["judgements"]) == 1
    assert (await application.queries.counts()).messages == 0
    for bad in ({}, {"text": "a", "texts": ["b"]}, {"texts": []}, {"text": " "}, {"text": "\x00"}):
        answer = await web.post("/v1/triage", json=bad, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), bad
    too_many = await web.post("/v1/triage", json={"texts": ["a"] * 101}, headers=key)
    assert too_many.status_code == 422


async def test_cases_are_found_and_read(
    web: httpx.AsyncClient, key: dict[str, str], seed: Seed
) -> None:
    await seed("我要退款，电话 13812345678", "谢谢", "crash", "又闪退")
    first = (await web.get("/v1/cases", params=ACME | {"limit": 3}, headers=key)).json()
    rest = await web.get(
        "/v1/cases", params=ACME | {"limit": 3, "cursor": first["cursor"]}, headers=key
    )
    assert (len(first["items"]), len(rest.json()["items"]), rest.json()["cursor"]) == (3, 1, None)
    ids = {one["case_id"] for one in first["items"] + rest.json()["items"]}
    assert len(ids) == 4
    found = await web.get("/v1/cases", params=ACME | {"text": "退款"}, headers=key)
    (row,) = found.json()["items"]
    assert "13812345678" not in row["excerpt"]
    read = await web.get(f"/v1/cases/{row['case_id']}", headers=key)
    task = await web.get(f"/v1/tasks/{read.json()['task_id']}", headers=key)
    for answer in (read, task):
        assert "我要退款" in answer.text
        assert "13812345678" not in answer.text
    case = read.json()
    assert case["triages"][0]["judgement"]["labels"][0]["category"] == "billing_refund"
    assert case["task_id"].startswith("task_")
    for params in ({"cursor": "nonsense"}, {"limit": 0}, {"status": "x"}, {"since": "yesterday"}):
        answer = await web.get("/v1/cases", params=ACME | params, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), params
    assert (await web.get("/v1/cases/none", headers=key)).status_code == 404
    assert (await web.get("/v1/cases?community=none", headers=key)).status_code == 404
    assert (await web.get("/v1/cases?community=a%00b", headers=key)).status_code == 400


async def test_a_reviewer_decides_and_it_is_delivered(
    web: httpx.AsyncClient,
    key: dict[str, str],
    seed: Seed,
    rules: None,
    application: Application,
    clock: FrozenClock,
    receiver: RecordingReceiver,
) -> None:
    (task_id,) = await seed("我要退款")
    queue = (await web.get("/v1/tasks", params=ACME, headers=key)).json()["items"]
    assert [row["task_id"] for row in queue] == [task_id]
    path = f"/v1/tasks/{task_id}"
    claimed = await web.post(f"{path}/claim", headers=key)
    assert claimed.json()["status"] == "claimed"
    assert (await web.post(f"{path}/release", headers=key)).json()["status"] == "open"
    task = (await web.get(path, headers=key)).json()
    seen = task["revisions"][-1]["hash"]
    edited = "可以退款，三个工作日内原路退回（《会员规则》3.1）。"
    saved = await web.post(
        f"{path}/revisions", json={"text": edited, "base_hash": seen}, headers=key
    )
    assert saved.status_code == 201
    newest = saved.json()["revision"]
    assert newest["number"] == 2
    stale = {"verdict": "approve", "revision_hash": seen}
    answer = await web.post(f"{path}/decisions", json=stale, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_revision")
    reject = {"verdict": "reject", "revision_hash": newest["hash"]}
    assert (await web.post(f"{path}/decisions", json=reject, headers=key)).status_code == 422
    approve = {"verdict": "approve", "revision_hash": newest["hash"]}
    decided = await web.post(f"{path}/decisions", json=approve, headers=key)
    assert (decided.status_code, decided.json()["verdict"]) == (201, "approve")
    assert (await web.post(f"{path}/undo", headers=key)).json()["status"] == "claimed"
    assert (await web.post(f"{path}/decisions", json=approve, headers=key)).status_code == 201
    clock.move(timedelta(seconds=31))
    assert (await web.post(f"{path}/undo", headers=key)).status_code == 409
    entries = (await web.get("/v1/deliveries", params=ACME, headers=key)).json()["items"]
    waiting = next(one["entry"] for one in entries if one["entry"]["status"] == "pending")
    await application.deliver.deliver(waiting["id"])
    assert [one.payload["text"] for one in receiver.sent] == [edited]
    replay = await web.post(f"/v1/deliveries/{waiting['id']}/replay", headers=key)
    assert (replay.status_code, replay.json()["code"]) == (409, "conflict")
    assert (await web.post("/v1/deliveries/none/replay", headers=key)).status_code == 404


async def test_rules_are_versioned_and_searched(
    web: httpx.AsyncClient, key: dict[str, str]
) -> None:
    async def upload(text: str, name: str = "rules.md", **form: str) -> httpx.Response:
        files = {"file": (name, text.encode(), "text/markdown")}
        return await web.post("/v1/documents", params=ACME, files=files, data=form, headers=key)

    first = await upload(RULES)
    assert first.status_code == 201
    assert first.json()["document"]["version"] == 1
    assert len(first.json()["added"]) == 2
    second = await upload(RULES.replace("七天", "十天"))
    assert second.json()["document"]["version"] == 2
    assert second.json()["changed"] == ["membership#3.1"]
    document = (await web.get("/v1/documents/membership", params=ACME, headers=key)).json()
    assert document["clauses"][0]["id"] == "membership#3.1"
    history = await web.get("/v1/documents", params=ACME | {"history": True}, headers=key)
    assert {one["version"] for one in history.json()} == {1, 2}
    body = ACME | {"text": "能退款吗"}
    found = (await web.post("/v1/search", json=body, headers=key)).json()
    assert found["found"] is True
    assert found["passages"][0]["clause"]["number"] == "3.1"
    body = ACME | {"text": "天气如何"}
    assert (await web.post("/v1/search", json=body, headers=key)).json()["found"] is False
    broken = await upload("%PDF-1.7 broken", "rules.pdf")
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid_input")
    assert (await upload(RULES, slug="../etc")).status_code == 422
    path = "/v1/documents/membership"
    assert (await web.delete(path, params=ACME, headers=key)).status_code == 204
    assert (await web.delete(path, params=ACME, headers=key)).status_code == 404
    assert DocumentKind(document["document"]["kind"]) is DocumentKind.RULES


async def test_a_post_is_asked_for_and_reviewed(
    web: httpx.AsyncClient, key: dict[str, str], application: Application
) -> None:
    brief = {"title": "停机维护", "points": ["周六 02:00 到 04:00 无法同步"]}
    asked = await web.post("/v1/posts", json=ACME | {"brief": brief}, headers=key)
    assert asked.status_code == 202
    post_id = asked.json()["id"]
    assert (await web.get(f"/v1/posts/{post_id}", headers=key)).json()["task_id"] is None
    await application.content.draft_due(post_id)
    post = (await web.get(f"/v1/posts/{post_id}", headers=key)).json()
    assert post["task_id"].startswith("task_")
    assert "停机维护" in post["draft"]["composition"]["text"]
    listed = (await web.get("/v1/posts", params=ACME, headers=key)).json()["items"]
    assert [one["id"] for one in listed] == [post_id]
    unknown = ACME | {"brief": brief | {"kind": "poem"}}
    assert (await web.post("/v1/posts", json=unknown, headers=key)).status_code == 404


async def test_themes_run_later(web: httpx.AsyncClient, key: dict[str, str]) -> None:
    answer = await web.post("/v1/themes/run", params=ACME, headers=key)
    assert (answer.status_code, answer.json()["job"]) == (202, "themes")
    empty = {"items": [], "cursor": None}
    assert (await web.get("/v1/themes", params=ACME, headers=key)).json() == empty
    assert (await web.get("/v1/themes/runs", params=ACME, headers=key)).json() == empty


async def test_communities_are_made_and_changed(
    web: httpx.AsyncClient, key: dict[str, str]
) -> None:
    body: dict[str, Any] = {"name": {"zh": "新", "en": "New"}, "timezone": "Europe/Paris"}
    made = await web.put("/v1/communities/new", json=body, headers=key)
    assert (made.status_code, made.json()["delivery_url"]) == (200, None)
    read = await web.get("/v1/communities/new", headers=key)
    assert read.json()["timezone"] == "Europe/Paris"
    for bad in ({"timezone": "Mars/Base"}, {"delivery_url": "file:///etc/passwd"}):
        answer = await web.put("/v1/communities/new", json=body | bad, headers=key)
        assert answer.status_code == 422, bad
    assert (await web.put("/v1/communities/Bad%20Id", json=body, headers=key)).status_code == 422


class StreamingModel:
    """Writes its answer in small pieces, or is away."""

    name = "streaming"

    def __init__(self, *, away: bool = False) -> None:
        self.away, self.broken = away, False

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        if self.away:
            raise TransientProviderError("away")
        if self.broken:
            raise ArithmeticError("card 6222")
        data = {
            "text": "可以退款，三个工作日内原路退回。",
            "citations": ["membership#3.1"],
            "refusal": None,
            "refusal_reason": "",
        }
        raw = json.dumps(data)
        for start in range(0, len(raw), 7):
            if on_delta:
                await on_delta(raw[start : start + 7])
        return ChatReply(data=dict(data), model=self.name, prompt_tokens=1, completion_tokens=1)


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: ")))
        for lines in blocks
    ]


async def test_a_draft_streams_and_then_stands(
    keyword_triage: Application, key: dict[str, str], seed: Seed, rules: None
) -> None:
    vars(keyword_triage)["chat"] = model = StreamingModel()
    (task_id,) = await seed("我要退款")
    view = await keyword_triage.queries.task(task_id)
    assert view is not None
    transport = httpx.ASGITransport(create_app(keyword_triage))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as web:
        body = {"case_id": view.draft.case_id, "instruction": "更短"}
        answer = await web.post("/v1/drafts?stream=true", json=body, headers=key)
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = events(answer.text)
        texts = [data["text"] for name, data in told if name == "text"]
        assert len(texts) > 3
        assert all(later.startswith(text) for text, later in pairwise(texts))
        name, last = told[-1]
        assert name == "draft"
        assert last["draft"]["composition"]["origin"] == "model"
        assert last["task_id"] != task_id
        stored = await web.get(f"/v1/drafts/{last['draft']['id']}", headers=key)
        assert stored.json()["revisions"][0]["text"] == texts[-1]
        model.away = True
        plain = await web.post("/v1/drafts", json=body, headers=key)
        assert plain.status_code == 201
        composition = plain.json()["draft"]["composition"]
        assert composition["origin"] == "template"
        assert composition["degraded_because"]
        model.away, model.broken = False, True
        broken = await web.post("/v1/drafts?stream=true", json=body, headers=key)
        (name, said), *_ = reversed(events(broken.text))
        assert (name, said["code"]) == ("error", "internal")
        assert "6222" not in broken.text
        gone = await web.post("/v1/drafts?stream=true", json={"case_id": "none"}, headers=key)
        assert gone.status_code == 404
