"""Trends, radar, incidents and participation over the API."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.triage import Sentiment, Signal, SignalKind
from service.web.spreadsheet import as_csv
from tests.plugins import _facts as facts
from tests.plugins.radar import Crowd, Weeks, store
from tests.plugins.web import KeyMaker

HERE = {"community": "acme"}


@pytest.fixture
async def incident_id(application: Application, weeks: Weeks, crowd: Crowd) -> str:
    """An incident of 24 people who want their money back."""
    await weeks()
    await crowd(24, text="为什么 [扣款](http://x.y) 两次 <b>!</b>")
    await application.radar.run("acme")
    async with application.engine.connect() as connection:
        found = await connection.scalar(text("SELECT id FROM incidents"))
    return str(found)


async def test_trends_count_by_local_days_with_zeros(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, clock: Any
) -> None:
    evening = clock.now().replace(hour=15, minute=30) - timedelta(days=2)  # 23:30 in Shanghai
    said = [("ann", evening), ("bob", evening), ("cat", evening + timedelta(hours=1))]
    await store(application, said, category="complaint", sentiment=Sentiment.NEGATIVE)
    await application.radar.run("acme")
    answer = await web.get(
        "/v1/trends",
        params=HERE | {"group": "category", "bucket": "day", "since": "2026-03-29T00:00:00+08:00"},
        headers=await bearer(),
    )
    trend = answer.json()
    assert [start[:16] for start in trend["starts"]] == [
        "2026-03-28T16:00", "2026-03-29T16:00", "2026-03-30T16:00", "2026-03-31T16:00",
    ]  # fmt: skip
    assert trend["series"] == [{"key": "complaint", "total": 3, "counts": [0, 2, 1, 0]}]
    assert trend["as_of"] is not None


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"metric": "messages"}, 3),
        ({"metric": "negative"}, 2),
        ({"metric": "severe"}, 1),
        ({"group": "sentiment", "key": "negative"}, 2),
        ({"group": "department"}, 3),
        ({"bucket": "week"}, 3),
        ({"bucket": "hour"}, 3),
    ],
)
async def test_every_metric_and_group_counts(
    application: Application,
    web: httpx.AsyncClient,
    bearer: KeyMaker,
    clock: Any,
    asked: dict[str, str],
    total: int,
) -> None:
    at = clock.now() - timedelta(hours=5)
    await store(application, [("ann", at)], severity=3)
    await store(application, [("bob", at)], severity=1)
    await store(application, [("cat", at)], severity=1, sentiment=Sentiment.NEUTRAL)
    await application.radar.run("acme")
    answer = await web.get("/v1/trends", params=HERE | asked, headers=await bearer())
    assert answer.status_code == 200, answer.text
    assert sum(line["total"] for line in answer.json()["series"]) == total


@pytest.mark.parametrize(
    "asked",
    [
        {"group": "theme", "metric": "messages"},
        {"since": "2026-04-02T00:00:00Z", "until": "2026-04-01T00:00:00Z"},
        {"bucket": "hour", "since": "2020-01-01T00:00:00Z"},
        {"group": "theme", "since": "2020-01-01T00:00:00Z"},
    ],
)
async def test_what_cannot_be_counted_is_refused(
    web: httpx.AsyncClient, bearer: KeyMaker, asked: dict[str, str]
) -> None:
    answer = await web.get("/v1/trends", params=HERE | asked, headers=await bearer())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_csv_by_parameter_or_header(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, clock: Any
) -> None:
    await store(application, [("ann", clock.now() - timedelta(hours=1))], category="complaint")
    await application.radar.run("acme")
    headers = await bearer()
    asked = HERE | {"group": "category"}
    one = await web.get("/v1/trends", params=asked | {"format": "csv"}, headers=headers)
    two = await web.get("/v1/trends", params=asked, headers=headers | {"Accept": "text/csv"})
    assert one.text == two.text
    assert one.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(one.text.lstrip("\ufeff"))))
    assert rows[0] == ["start", "key", "count"]
    assert sum(int(row[2]) for row in rows[1:]) == 1


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_cell_is_never_a_formula(evil: str) -> None:
    body = bytes(as_csv("x", ("a",), [(evil,)]).body).decode("utf-8-sig")
    (cell,) = list(csv.reader(io.StringIO(body, newline="")))[1]
    assert cell == f"'{evil}"


async def test_the_radar_shows_levels_and_alerts(
    web: httpx.AsyncClient, bearer: KeyMaker, incident_id: str
) -> None:
    answer = await web.get("/v1/radar", params=HERE | {"min_level": 1}, headers=await bearer())
    view = answer.json()
    assert view["readings"][0]["level"] == 4
    assert {alert["incident_id"] for alert in view["alerts"]} == {incident_id}


async def test_an_incident_is_worked_on_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, incident_id: str
) -> None:
    headers = await bearer()
    listed = await web.get("/v1/incidents", params=HERE | {"status": "open"}, headers=headers)
    assert [one["id"] for one in listed.json()["items"]] == [incident_id]
    at = f"/v1/incidents/{incident_id}"
    detail = (await web.get(at, params={"lang": "en"}, headers=headers)).json()
    assert detail["timeline"][0]["kind"] == "opened"
    assert detail["playbook"]
    early = await web.post(f"{at}/close", json={}, headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    taken = await web.post(f"{at}/acknowledge", json={"note": "on it"}, headers=headers)
    assert taken.json()["status"] == "acknowledged"
    assert (await web.post(f"{at}/notes", json={"note": "x"}, headers=headers)).status_code == 200
    assert (await web.post(f"{at}/close", json={}, headers=headers)).json()["status"] == "closed"


async def test_a_holding_statement_goes_through_the_post_desk(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, incident_id: str
) -> None:
    headers = await bearer()
    answer = await web.post(f"/v1/incidents/{incident_id}/holding", json={}, headers=headers)
    assert answer.status_code == 202, answer.text
    request = answer.json()
    assert request["brief"]["kind"] == "holding"
    (draft,) = await application.content.draft_due(request["id"])
    assert request["brief"]["subject"] == incident_id
    assert "退款" in draft.composition.text
    assert await application.queries.tasks_of_post(request["id"]) != {}
    async with application.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM outbox_entries")) == 0


async def test_the_export_holds_numbers_and_harmless_samples(
    web: httpx.AsyncClient, bearer: KeyMaker, incident_id: str
) -> None:
    headers = await bearer()
    note = {"note": "call 13800138000 | <script>"}
    await web.post(f"/v1/incidents/{incident_id}/notes", json=note, headers=headers)
    answer = await web.get(f"/v1/incidents/{incident_id}/export", headers=headers)
    assert answer.headers["content-type"].startswith("text/markdown")
    assert "| 4 |" in answer.text
    assert "<script>" not in answer.text
    assert "](http" not in answer.text
    assert "<b>" not in answer.text
    assert "13800138000" not in answer.text
    assert r"\[扣款\]" in answer.text


async def test_scopes_and_communities_are_kept_apart(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, incident_id: str
) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别", en="Other")))
        await uow.commit()
    stranger = await bearer(*Scope, community="other")
    at = f"/v1/incidents/{incident_id}"
    assert (await web.get(at, headers=stranger)).status_code == 404
    assert (await web.get(f"{at}/export", headers=stranger)).status_code == 404
    assert (await web.post(f"{at}/acknowledge", json={}, headers=stranger)).status_code == 404
    for path in ("trends", "radar", "incidents", "participation"):
        answer = await web.get(f"/v1/{path}", params=HERE, headers=stranger)
        assert answer.status_code == 403, path
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post(f"{at}/acknowledge", json={}, headers=reader)).status_code == 403
    assert (await web.post(f"{at}/holding", json={}, headers=reader)).status_code == 403


async def test_participation_without_noise(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, clock: Any
) -> None:
    at = clock.now() - timedelta(hours=2)
    noise = (Signal(kind=SignalKind.NOISE, code="thanks"),)
    await store(application, [("ann", at), ("ann", at), ("bob", at)], reply_due=True)
    await store(application, [("cat", at), ("dan", at)], signals=noise, reply_due=False)
    await application.radar.run("acme")
    answer = await web.get("/v1/participation", params=HERE, headers=await bearer())
    found = answer.json()
    assert found["total"] | {"start": ""} == {
        "start": "", "messages": 5, "effective_messages": 3, "authors": 4, "effective_authors": 2,
    }  # fmt: skip
    assert found["top_tenth_share"] == pytest.approx(2 / 3)
    assert found["top_10_authors_share"] == 1
    assert found["response"]["asked"] == 3
    table = await web.get(
        "/v1/participation", params=HERE | {"format": "csv"}, headers=await bearer()
    )
    assert "2026-04-01,5,3,4,2" in table.text


async def test_an_answer_of_the_own_people_counts_as_a_response(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, clock: Any
) -> None:
    at = clock.now() - timedelta(hours=2)
    (case_id,) = await store(application, [("ann", at)])
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        changed = community.model_copy(update={"staff": frozenset({"host"})})
        await uow.communities.save(changed)
        own = facts.case("case_own", author="host", opened_at=at, last_at=at)
        await uow.cases.save([own])
        sent = at + timedelta(minutes=10)
        await uow.messages.add(
            [facts.message("reply", author="host", sent_at=sent, received_at=sent,
                           case_id="case_own", reply_to=f"m_{case_id}")]
        )  # fmt: skip
        await uow.commit()
    answer = await web.get("/v1/participation", params=HERE, headers=await bearer())
    response = answer.json()["response"]
    assert (response["asked"], response["answered"], response["median_s"]) == (1, 1, 600)


async def test_the_funnel_of_an_event(
    application: Application, web: httpx.AsyncClient, bearer: KeyMaker, clock: Any
) -> None:
    start, end = clock.now() - timedelta(days=3), clock.now() - timedelta(days=3, hours=-2)
    before, during = start - timedelta(days=1), start + timedelta(hours=1)
    after = end + timedelta(days=1)
    noise = (Signal(kind=SignalKind.NOISE, code="thanks"),)
    await store(application, [("ann", before), ("bob", before)], category="event_question")
    await store(application, [("ann", during), ("new", during)], category="chat")
    await store(application, [("cat", during)], category="chat", signals=noise)
    await store(application, [("ann", after)], category="event_feedback")
    params = HERE | {"start": start.isoformat(), "end": end.isoformat()}
    answer = await web.get("/v1/participation/event", params=params, headers=await bearer())
    assert answer.json() == {
        "active_before": 2, "asked": 2, "took_part": 2, "newcomers": 1,
        "gave_feedback": 1, "came_back": 1,
    }  # fmt: skip
    turned = params | {"start": params["end"], "end": params["start"]}
    refused = await web.get("/v1/participation/event", params=turned, headers=await bearer())
    assert refused.status_code == 422
