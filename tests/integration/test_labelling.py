"""Labels over the API: blind, held while looked at, second looks, golden ones, undo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.labelling import LEASE, NewItem, wanted_for
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

BASE = "/v1/labels"
HERE = {"community": "acme"}
ASK = HERE | {"rubric": "tone"}
TWICE = next(f"out{n}" for n in range(99) if wanted_for(f"out{n}") == 2)
ONCE = next(f"out{n}" for n in range(99) if wanted_for(f"out{n}") == 1)


def text(ref: str, golden: int | None = None) -> dict[str, Any]:
    material = {
        "question": "怎么改昵称？",
        "answer": f"在资料页改。{ref}",
        "sources": ["每月两次。"],
    }
    return {"ref": ref, "lang": "zh", "material": material, "golden": golden}


async def give(web: httpx.AsyncClient, key: dict[str, str], *items: dict[str, Any]) -> int:
    answer = await web.post(f"{BASE}/items", json=ASK | {"items": list(items)}, headers=key)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["added"])


async def take(web: httpx.AsyncClient, key: dict[str, str]) -> dict[str, Any] | None:
    answer = await web.post(f"{BASE}/next", json=ASK, headers=key)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] | None = answer.json()["work"]
    return found


async def say(web: httpx.AsyncClient, key: dict[str, str], item: str, value: int | None) -> int:
    answer = await web.put(f"{BASE}/items/{item}", json={"value": value}, headers=key)
    return answer.status_code


async def test_one_text_is_with_one_person_at_a_time(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application, clock: FrozenClock
) -> None:
    anna, ben, key = await bearer(Scope.REVIEW), await bearer(Scope.REVIEW), await bearer()
    assert await give(web, key, text(ONCE)) == 1
    assert await give(web, key, text(ONCE)) == 0
    work = await take(web, anna)
    assert work is not None
    assert work == await take(web, anna)
    assert await take(web, ben) is None
    assert await say(web, ben, work["item_id"], 3) == 409
    clock.move(LEASE + timedelta(seconds=1))
    assert await take(web, ben) == work
    assert await say(web, ben, work["item_id"], 3) == 200
    assert await take(web, anna) is None


async def test_a_share_gets_a_second_look_and_golden_ones_are_for_all(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key, people = await bearer(), [await bearer(Scope.REVIEW) for _ in range(3)]
    await give(web, key, text(TWICE), text(ONCE), text("gold", golden=3))
    seen = []
    for person in people:
        mine = 0
        while work := await take(web, person):
            assert set(work) == {"item_id", "rubric", "lang", "material"}
            assert await say(web, person, work["item_id"], 2) == 200
            mine += 1
        seen.append(mine)
    assert seen == [3, 2, 1]
    rows = (await web.get(f"{BASE}/export", params=HERE, headers=key)).text.splitlines()
    assert len(rows) == 6
    golden = await web.get(f"{BASE}/labellers", params=HERE, headers=key)
    assert [(one["golden"], one["right"]) for one in golden.json()["items"]] == [(1, 0)] * 3
    assert (await web.get(f"{BASE}/export", params=HERE, headers=people[0])).status_code == 403


async def test_skip_undo_and_the_last_word_counts(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer()
    await give(web, key, text(ONCE))
    work = await take(web, key)
    assert work is not None
    assert await say(web, key, work["item_id"], None) == 200
    assert await take(web, key) is None
    undone = await web.post(f"{BASE}/undo", json=ASK, headers=key)
    assert undone.json()["work"] == work
    for value in (1, 2, 2):
        assert await say(web, key, work["item_id"], value) == 200
    assert await say(web, key, work["item_id"], 4) == 422
    rows = (await web.get(f"{BASE}/export", params=HERE, headers=key)).text.splitlines()
    assert len(rows) == 1
    assert '"value":2' in rows[0]
    progress = (await web.get(BASE, params=HERE, headers=key)).json()["items"]
    assert progress == [{"rubric": "tone", "items": 1, "open": 0, "mine": 1}]
    assert (await web.post(f"{BASE}/undo", json=ASK, headers=key)).json()["work"] == work
    assert (await web.post(f"{BASE}/undo", json=ASK, headers=key)).json()["work"] is None


async def test_decided_drafts_are_drawn_and_not_shown_to_who_decided(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application, seed: Seed, rules: None
) -> None:
    decider, other = await bearer(), await bearer()
    tasks = await seed("我要退款，电话 13812345678", "想问一下退款要多久")
    shown = (await web.get(f"/v1/tasks/{tasks[0]}", headers=decider)).json()
    body = {"verdict": "approve", "revision_hash": shown["revisions"][-1]["hash"]}
    done = await web.post(f"/v1/tasks/{tasks[0]}/decisions", json=body, headers=decider)
    assert done.status_code == 201, done.text
    asked = HERE | {"origin": "template", "by": "category"}
    online = (await web.get("/v1/quality/decisions", params=asked, headers=other)).json()
    (figures,) = online["items"]
    assert (online["decisions"], figures["category"]) == (1, "billing_refund")
    assert (figures["accepted"]["value"], figures["version"], figures["few"]) == (1, 1, True)
    draw = ASK | {"count": 10}
    drawn = await web.post(f"{BASE}/draw", json=draw, headers=decider)
    assert (drawn.status_code, drawn.json()) == (201, {"added": 1})
    assert await take(web, decider) is None
    work = await take(web, other)
    assert work is not None
    assert "13812345678" not in str(work)
    assert work["material"]["sources"]
    assert (await web.post(f"{BASE}/draw", json=draw, headers=other)).json() == {"added": 0}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("next", HERE | {"rubric": "charm"}, 404),
        ("next", {"community": "none", "rubric": "tone"}, 404),
        ("items", ASK | {"items": [text("draft:1")]}, 422),
        ("items", ASK | {"items": [text("triage:1")]}, 422),
        ("draw", HERE | {"rubric": "triage", "count": 1}, 422),
        ("items", HERE | {"rubric": "grounded", "items": [text("a", golden=3)]}, 422),
        ("draw", HERE | {"rubric": "charm", "count": 1}, 404),
    ],
)
async def test_what_cannot_be_is_refused(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application,
    path: str, body: dict[str, Any], status: int,
) -> None:  # fmt: skip
    answer = await web.post(f"{BASE}/{path}", json=body, headers=await bearer())
    assert answer.status_code == status, answer.text


async def test_another_communitys_key_sees_nothing(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    async with keyword_triage.uow() as uow:
        await uow.communities.save(Community(id="elsewhere", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    key, other = await bearer(), await bearer(community="elsewhere")
    await give(web, key, text(ONCE))
    work = await take(web, key)
    assert work is not None
    assert await say(web, other, work["item_id"], 1) == 404
    assert (await web.get(BASE, params=HERE, headers=other)).status_code == 403


async def test_judging_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, keyword_triage: Application
) -> None:
    flow = keyword_triage.labelling
    items = [NewItem.model_validate(text(f"<b>{n}</b>", golden=3)) for n in range(2)]
    await flow.give("acme", "tone", items, "test")
    await log_in()
    for value in ("3", "1"):
        page = await web.get("/labels/tone")
        assert "&lt;b&gt;" in page.text
        assert "golden" not in page.text.lower()
        action = page.text.split('action="/labels/tone/items/')[1].split('"')[0]
        form = {"csrf": csrf_of(page.text), "value": value, "note": ""}
        done = await web.post(f"/labels/tone/items/{action}", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/labels/tone")
    empty = await web.get("/labels/tone")
    assert "Nothing waits here" in empty.text
    overview = (await web.get("/labels")).text
    assert "<td>2</td><td>2</td><td>0.50" in overview
    await web.post("/labels/tone/undo", data={"csrf": csrf_of(empty.text)})
    assert "Nothing waits here" not in (await web.get("/labels/tone")).text
    drawn = await web.post("/labels/tone/draw", data={"csrf": csrf_of(empty.text), "count": "20"})
    assert drawn.headers["location"] == "/labels?drawn=0"


async def test_who_may_not_review_judges_nothing(
    web: httpx.AsyncClient, log_in: LogIn, keyword_triage: Application
) -> None:
    await log_in(Role.VIEWER)
    assert (await web.get("/labels")).status_code == 200
    assert (await web.get("/labels/tone")).status_code == 403
