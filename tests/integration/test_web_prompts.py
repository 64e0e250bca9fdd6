"""Prompts over the API, on the page and by command line."""

from __future__ import annotations

import httpx
import pytest

from prompts.loader import load_prompts
from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

ORIGINAL = load_prompts().get("reply/grounded.zh").text
CHANGED = ORIGINAL.replace("--- system\n", "--- system\n（第二版 <b>）", 1)
PATH = "/v1/prompts/reply/grounded.zh"
HERE = "?community=acme"
NEW = {"text": CHANGED, "note": "语气更亲切"}


async def propose(web: httpx.AsyncClient, key: dict[str, str]) -> int:
    made = await web.post(f"{PATH}/versions", json=NEW, headers=key)
    assert made.status_code == 201, made.text
    return int(made.json()["version"]["number"])


async def test_from_a_proposal_to_a_rollback_over_the_api(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer(Scope.PROMPTS_WRITE, Scope.CASES_READ)
    listed = (await web.get(f"/v1/prompts{HERE}", headers=key)).json()["items"]
    assert len(listed) == len(load_prompts())
    assert (await propose(web, key), await propose(web, key)) == (2, 2)
    diff = await web.get(f"{PATH}/diff?old=1&new=2", headers=key)
    assert "+（第二版 <b>）" in diff.json()["diff"]
    label = {"label": "production", "version": 2, "reason": "更好"}
    moved = await web.post(f"{PATH}/labels", json=label, headers=key)
    assert (moved.json()["previous"], moved.json()["version"]) == (1, 2)
    again = await web.post(f"{PATH}/labels", json=label, headers=key)
    assert again.json() == moved.json()
    detail = (await web.get(f"{PATH}{HERE}", headers=key)).json()
    assert (detail["state"]["production"], detail["figures"]) == (2, [])
    back = await web.post(f"{PATH}/rollback", json=label, headers=key)
    assert (back.json()["version"], back.json()["kind"]) == (1, "rolled_back")
    assert (await web.post(f"{PATH}/rollback", json=label, headers=key)).status_code == 409
    events = (await web.get(f"{PATH}/history{HERE}", headers=key)).json()["items"]
    assert [one["kind"] for one in events] == ["rolled_back", "moved", "shipped"]
    first = (await web.get(f"{PATH}/versions{HERE}&limit=1", headers=key)).json()
    rest = (await web.get(f"{PATH}/versions{HERE}&cursor={first['cursor']}", headers=key)).json()
    assert [one["number"] for one in (*first["items"], *rest["items"])] == [2, 1]
    one = await web.get(f"{PATH}/versions/1", headers=key)
    assert (one.json()["text"], one.json()["origin"]) == (ORIGINAL, "shipped")


async def test_a_candidate_gets_its_share(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer(Scope.PROMPTS_WRITE, Scope.CASES_READ)
    share = {"percent": 20, "community": "acme", "reason": "试一周"}
    assert (await web.post(f"{PATH}/split", json=share, headers=key)).status_code == 409
    label = {"label": "candidate", "version": await propose(web, key), "reason": "试"}
    await web.post(f"{PATH}/labels", json=label, headers=key)
    assert (await web.post(f"{PATH}/split", json=share, headers=key)).json()["percent"] == 20
    too_much = await web.post(f"{PATH}/split", json=share | {"percent": 60}, headers=key)
    assert too_much.status_code == 422
    state = (await web.get(f"{PATH}{HERE}", headers=key)).json()["state"]
    assert (state["candidate"], state["percent"], state["production"]) == (2, 20, 1)
    listed = (await web.get(f"{PATH}/splits{HERE}", headers=key)).json()["items"]
    assert [(one["percent"], one["community"]) for one in listed] == [(20, "acme")]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("versions", NEW | {"text": ORIGINAL.replace("$tone", "$mood")}, 422),
        ("versions", NEW | {"text": "---\n"}, 422),
        ("versions", NEW | {"note": " "}, 422),
        ("labels", {"label": "production", "version": 9, "reason": "x"}, 404),
        ("labels", {"label": "production", "version": None, "reason": "x"}, 409),
        ("labels", {"label": "candidate", "version": 1, "community": "none", "reason": "x"}, 404),
        ("rollback", {"label": "production", "version": 1, "reason": "x"}, 409),
    ],
)
async def test_what_cannot_be_is_refused(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application,
    path: str, body: dict[str, object], status: int,
) -> None:  # fmt: skip
    key = await bearer(Scope.PROMPTS_WRITE)
    answer = await web.post(f"{PATH}/{path}", json=body, headers=key)
    assert answer.status_code == status, answer.text
    assert (await web.post(f"/v1/prompts/reply/none.zh/{path}", json=body, headers=key)).is_error


async def test_a_refused_text_names_the_line(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    key = await bearer(Scope.PROMPTS_WRITE)
    wrong = NEW | {"text": ORIGINAL.replace("$tone", "$mood")}
    answer = (await web.post(f"{PATH}/versions", json=wrong, headers=key)).json()
    line = ORIGINAL.split("\n").index("$tone") + 1
    assert f"grounded.zh.md:{line}: variable $mood is not declared" in answer["detail"]


async def test_a_key_of_one_community_changes_its_own_alone(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application
) -> None:
    mine = await bearer(Scope.PROMPTS_WRITE, Scope.CASES_READ, community="acme")
    label = {"label": "production", "version": await propose(web, mine), "reason": "更好"}
    assert (await web.post(f"{PATH}/labels", json=label, headers=mine)).status_code == 403
    own = await web.post(f"{PATH}/labels", json=label | {"community": "acme"}, headers=mine)
    assert own.json()["community"] == "acme"
    reading = await bearer(Scope.CASES_READ)
    assert (await web.post(f"{PATH}/labels", json=label, headers=reading)).status_code == 403
    assert (await web.get(f"{PATH}?community=elsewhere", headers=mine)).status_code == 403


async def test_a_drafts_prompt_is_read_by_those_who_may_draft(
    web: httpx.AsyncClient, bearer: KeyMaker, keyword_triage: Application, seed: Seed, rules: None
) -> None:
    (task_id,) = await seed("我要退款，电话 13812345678")
    view = await keyword_triage.queries.task(task_id)
    assert view is not None
    path = f"/v1/drafts/{view.draft.id}/prompt"
    found = (await web.get(path, headers=await bearer(Scope.DRAFTS_WRITE))).json()
    assert (found["same"], found["template"]["version"]) == (True, 1)
    assert [one["role"] for one in found["messages"]] == ["system", "user"]
    assert "我要退款" in found["messages"][1]["content"]
    assert "13812345678" not in str(found)
    assert (await web.get(path, headers=await bearer(Scope.CASES_READ))).status_code == 403
    async with keyword_triage.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    other = await bearer(Scope.DRAFTS_WRITE, community="other")
    assert (await web.get(path, headers=other)).status_code == 404


PAGE = "/prompts/reply/grounded.zh"


async def test_an_administrator_works_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, keyword_triage: Application
) -> None:
    await log_in(Role.ADMIN)
    assert "reply/grounded.zh" in (await web.get("/prompts")).text
    form = {"csrf": csrf_of((await web.get(PAGE)).text)}
    crlf = CHANGED.replace("\n", "\r\n")
    saved = await web.post(f"{PAGE}/versions", data=form | {"text": crlf, "note": "亲切"})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{PAGE}?added=2")
    compared = (await web.get(f"{PAGE}?old=1&new=2")).text
    assert "<ins>+（第二版 &lt;b&gt;）" in compared
    everybody = {"label": "production", "scope": "everybody", "reason": "更好"}
    moved = await web.post(f"{PAGE}/labels", data=form | everybody | {"version": "2"})
    assert moved.status_code == 303
    assert (await keyword_triage.prompt_views.state("reply/grounded.zh", None)).production == 2
    back = await web.post(f"{PAGE}/rollback", data=form | everybody | {"version": "2"})
    assert back.status_code == 303
    page = (await web.get(f"{PAGE}?show=2")).text
    assert page.count("更好") == 2
    assert (await keyword_triage.prompt_views.state("reply/grounded.zh", None)).production == 1
    wrong = await web.post(f"{PAGE}/versions", data=form | {"text": "---", "note": "x"})
    assert wrong.status_code == 422
    share = form | {"percent": "10", "scope": "community", "reason": "试"}
    assert (await web.post(f"{PAGE}/split", data=share)).status_code == 409
    assert (await web.post(f"{PAGE}/split", data=share | {"percent": "x"})).status_code == 422
    assert (await web.get("/prompts/reply/none.zh")).status_code == 404
    assert (await web.get(f"{PAGE}?show=99")).status_code == 404


async def test_an_editor_changes_one_community_and_a_viewer_nothing(
    web: httpx.AsyncClient, log_in: LogIn, keyword_triage: Application
) -> None:
    await log_in(Role.EDITOR)
    form = {"csrf": csrf_of((await web.get(PAGE)).text), "label": "candidate", "version": "1"}
    form |= {"reason": "试"}
    shared = await web.post(f"{PAGE}/labels", data=form | {"scope": "everybody"})
    own = await web.post(f"{PAGE}/labels", data=form | {"scope": "community"})
    assert (shared.status_code, own.status_code) == (403, 303)
    await log_in(Role.VIEWER, name="lin")
    page = await web.get(PAGE)
    assert "<textarea" not in page.text
    refused = await web.post(f"{PAGE}/labels", data=form | {"csrf": csrf_of(page.text)})
    assert refused.status_code == 403
