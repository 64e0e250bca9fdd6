"""Results of posts are facts: told once, newest counts, shown beside new briefs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import httpx
import pytest

from service.bootstrap import Application
from service.connectors.webhook_in import sign
from service.domain.account import Scope
from service.domain.post import PostBrief
from service.domain.result import Measured, Metric, PostOutcome
from service.errors import InvalidInput
from service.ports.results import ResultFilter
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker

ACME = {"community": "acme"}


async def post(application: Application, title: str = "停机维护", **more: object) -> str:
    brief = PostBrief.model_validate({"title": title, "points": ("周六停机",)} | more)
    return (await application.content.request("acme", brief, "ed")).id


def count(at: datetime, value: int = 10, **more: object) -> Measured:
    given = {"metric": "reads", "value": value, "as_of": at, "source": "wecom"}
    return Measured.model_validate(given | more)


async def listed(application: Application, **where: object) -> tuple[PostOutcome, ...]:
    asked = ResultFilter.model_validate(where)
    return (await application.queries.outcomes("acme", asked)).items


async def test_repeating_adds_nothing_and_the_newest_counts(
    application: Application, clock: FrozenClock
) -> None:
    request_id, now = await post(application), clock.now()
    late, early = count(now, 50), count(now - timedelta(hours=3), 20)
    assert await application.results.record(request_id, [late, early, late], "key") == 2
    assert await application.results.record(request_id, [early, late], "key") == 0
    (one,) = await listed(application)
    assert (one.value(Metric.READS), one.value(Metric.JOINS)) == (50, None)
    clock.move(timedelta(minutes=1))
    assert await application.results.record(request_id, [count(now, 45)], "key") == 1
    assert (await listed(application))[0].value(Metric.READS) == 45


async def test_nothing_is_counted_before_it_happened(
    application: Application, clock: FrozenClock
) -> None:
    request_id = await post(application)
    with pytest.raises(InvalidInput, match="future"):
        await application.results.record(
            request_id, [count(clock.now() + timedelta(hours=1))], "key"
        )
    assert await listed(application) == ()


async def test_posts_are_found_by_kind_channel_and_time(
    application: Application, clock: FrozenClock
) -> None:
    start = clock.now()
    variants = ({"format": "chat", "channel": "大群"}, {"format": "long", "channel": "论坛"})
    both = await post(application, "两处", variants=variants)
    clock.move(timedelta(days=1))
    plain = await post(application, "一处", channel="论坛")
    await post(application, "没有结果")
    for request_id in (both, plain):
        await application.results.record(request_id, [count(start)], "key")

    async def found(**where: object) -> list[str]:
        return [one.title for one in await listed(application, **where)]

    assert await found() == ["一处", "两处"]
    assert await found(channel="大群") == ["两处"]
    assert await found(channel="论坛") == ["一处", "两处"]
    assert await found(since=start + timedelta(hours=1)) == ["一处"]
    assert await found(kind="welcome") == []
    first = await application.queries.outcomes("acme", ResultFilter(), limit=1)
    second = await application.queries.outcomes("acme", ResultFilter(), cursor=first.cursor)
    assert [one.title for one in (*first.items, *second.items)] == ["一处", "两处"]


async def test_the_api_takes_and_gives_results(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application, clock: FrozenClock
) -> None:
    key = await bearer(Scope.POSTS_WRITE)
    request_id = await post(application, "=停机")
    path = f"/v1/posts/{request_id}/results"
    body = {"results": [count(clock.now(), 7, metric="joins").model_dump(mode="json")]}
    answers = [await web.post(path, json=body, headers=key) for _ in range(2)]
    assert [one.json() for one in answers] == [{"added": 1, "known": 0}, {"added": 0, "known": 1}]
    bad = {"results": [body["results"][0] | {"metric": "fame"}]}
    assert (await web.post(path, json=bad, headers=key)).status_code == 422
    told = (await web.get(path, headers=key)).json()
    assert [one["value"] for one in told["newest"]] == [7]
    table = await web.get("/v1/post-results", params=ACME | {"format": "csv"}, headers=key)
    assert f"{request_id},'=停机,announcement" in table.text
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post(path, json=body, headers=reader)).status_code == 403
    assert (await web.get("/v1/posts/none/results", headers=key)).status_code == 404
    async with application.uow() as uow:
        acme = await uow.communities.get("acme")
        assert acme is not None
        await uow.communities.save(acme.model_copy(update={"id": "other"}))
        await uow.commit()
    foreign = await bearer(Scope.POSTS_WRITE, community="other")
    assert (await web.post(path, json=body, headers=foreign)).status_code == 404


async def test_a_table_is_taken_line_by_line(
    web: httpx.AsyncClient, bearer: KeyMaker, application: Application, clock: FrozenClock
) -> None:
    key = await bearer(Scope.POSTS_WRITE) | {"Content-Type": "text/csv"}
    request_id, at = await post(application), clock.now().isoformat()
    good = f"{request_id},reads,12,{at},mail"
    lines = ["post_id,metric,value,as_of,source", good, f"{request_id},reads,-1,{at},mail",
             f"nobody,reads,1,{at},mail", "a,b", f"{request_id},fame,1,{at},mail",
             f"{request_id},reads,1,2099-01-01T00:00:00Z,mail",
             f"{request_id},reads,1,2026-01-01T00:00:00,mail"]  # fmt: skip

    async def send(text: str) -> httpx.Response:
        body = ("\ufeff" + text).encode()
        return await web.post("/v1/post-results", params=ACME, content=body, headers=key)

    first = (await send("\r\n".join(lines))).json()
    assert (first["added"], first["known"]) == (1, 0)
    assert [one["line"] for one in first["refused"]] == [3, 4, 5, 6, 7, 8]
    assert "no such post" in first["refused"][1]["problem"]
    again = (await send("\n".join(lines[:2]))).json()
    assert again == {"added": 0, "known": 1, "refused": []}
    assert (await send("a,b\n1,2")).status_code == 422
    many = "\n".join([lines[0], *["x,reads,1,2026-01-01T00:00:00Z,m"] * 5_001])
    assert (await send(many)).status_code == 422
    as_json = key | {"Content-Type": "application/json"}
    wrong = await web.post("/v1/post-results", params=ACME, content=b"{}", headers=as_json)
    assert wrong.status_code == 415


async def test_a_platform_tells_signed_results(
    web: httpx.AsyncClient, application: Application, clock: FrozenClock
) -> None:
    request_id = await post(application)
    one = count(clock.now(), 17, metric="joins").model_dump(mode="json")
    good = one | {"post_id": request_id}
    items = [good, one, one | {"post_id": "none"}, "nonsense", good | {"source": "a\x00"},
             good | {"value": 1.5}]  # fmt: skip
    raw = json.dumps(items).encode()
    stamp = str(int(clock.now().timestamp()))

    async def send(community: str, signer: str) -> httpx.Response:
        secret = application.secrets.inbound_of(signer)
        headers = {"X-Huiyin-Timestamp": stamp, "X-Huiyin-Signature": sign(secret, stamp, raw)}
        path = f"/v1/webhooks/{community}/post-results"
        return await web.post(path, content=raw, headers=headers)

    first, again = (await send("acme", "acme")).json(), (await send("acme", "acme")).json()
    assert (first["added"], again["added"], again["known"]) == (1, 0, 1)
    assert [line["line"] for line in first["refused"]] == [2, 3, 4, 5, 6]
    assert (await listed(application))[0].value(Metric.JOINS) == 17
    assert (await send("acme", "other")).status_code == 401
    assert (await send("none", "none")).status_code == 404
