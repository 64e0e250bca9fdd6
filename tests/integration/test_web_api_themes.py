"""Themes over the API and on the page: list, read, change, merge, tell."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Scope
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

ACME = {"community": "acme"}
TEXTS = {
    "pdf": "导出 PDF 之后全是空白页，空白页没有内容",
    "sync": "同步冲突，笔记多出冲突副本，同步总是冲突",
}


@pytest.fixture
async def themes(
    web: httpx.AsyncClient, seed: Seed, application: Application, clock: object
) -> list[str]:
    """Ids of two themes, the larger first."""
    found = [f"{TEXTS['pdf']} {n}" for n in range(9)] + [f"{TEXTS['sync']} {n}" for n in range(7)]
    items = [
        {"source": "qq", "external_id": f"t{n}", "author": f"a{n}", "text": text}
        for n, text in enumerate(found)
    ]
    results = await application.ingest.ingest("acme", items)
    await application.triage.run("acme", [one.case_id or "" for one in results])
    await application.themes.run("acme")
    async with application.uow() as uow:
        living = await uow.themes.living("acme")
    return [one.id for one in sorted(living, key=lambda one: -one.size) if one.level == "theme"]


async def test_themes_are_listed_filtered_and_read(
    web: httpx.AsyncClient, bearer: KeyMaker, themes: list[str]
) -> None:
    key = await bearer()
    listed = (await web.get("/v1/themes", params=ACME, headers=key)).json()["items"]
    assert [(one["theme_id"], one["size"]) for one in listed] == [(themes[0], 9), (themes[1], 7)]
    large = await web.get("/v1/themes", params=ACME | {"min_size": 8}, headers=key)
    assert len(large.json()["items"]) == 1
    view = (await web.get(f"/v1/themes/{themes[0]}", headers=key)).json()
    assert view["row"]["keywords_zh"]
    assert len(view["samples"]) == 5
    assert sum(view["row"]["trend"]) == 9
    path = f"/v1/themes/{themes[0]}/members"
    first = (await web.get(path, params={"limit": 6}, headers=key)).json()
    rest = await web.get(path, params={"limit": 6, "cursor": first["cursor"]}, headers=key)
    assert (len(first["items"]), len(rest.json()["items"])) == (6, 3)
    runs = (await web.get("/v1/themes/runs", params=ACME, headers=key)).json()["items"]
    assert [(one["clustered"], one["unclustered_share"]) for one in runs] == [(16, 0.0)]


async def test_themes_are_changed_merged_and_told(
    web: httpx.AsyncClient, bearer: KeyMaker, themes: list[str]
) -> None:
    key, path = await bearer(), f"/v1/themes/{themes[0]}"
    body = {"name": {"zh": "空白", "en": "Blank"}, "owner": "lin", "status": "in_progress"}
    changed = (await web.patch(path, json=body, headers=key)).json()
    assert (changed["row"]["name_en"], changed["row"]["owner"]) == ("Blank", "lin")
    kept = (await web.patch(path, json={"status": "resolved"}, headers=key)).json()
    assert (kept["row"]["name_en"], kept["row"]["status"]) == ("Blank", "resolved")
    back = (await web.patch(path, json={"name": None}, headers=key)).json()
    assert back["row"]["name_en"] != "Blank"
    told = await web.post(f"{path}/notices", json={"note": "修好了", "post": "zh"}, headers=key)
    assert (told.status_code, told.json()["replies"]) == (202, 9)
    merged = await web.post(f"{path}/merge", json={"theme_ids": [themes[1]]}, headers=key)
    assert merged.json()["row"]["size"] == 16
    assert [link["from_theme"] for link in merged.json()["links"]] == [themes[1]]
    gone = await web.patch(f"/v1/themes/{themes[1]}", json={"owner": "x"}, headers=key)
    assert (gone.status_code, gone.json()["code"]) == (409, "conflict")


async def test_what_is_not_resolved_is_told_to_nobody(
    web: httpx.AsyncClient, bearer: KeyMaker, themes: list[str]
) -> None:
    path = f"/v1/themes/{themes[0]}/notices"
    answer = await web.post(path, json={"note": "修好了"}, headers=await bearer())
    assert answer.status_code == 409


async def test_scopes_and_communities_are_kept_apart(
    web: httpx.AsyncClient, bearer: KeyMaker, themes: list[str], application: Application
) -> None:
    reader = await bearer(Scope.CASES_READ)
    path = f"/v1/themes/{themes[0]}"
    assert (await web.get(path, headers=reader)).status_code == 200
    assert (await web.patch(path, json={"owner": "x"}, headers=reader)).status_code == 403
    drafts = await bearer(Scope.DRAFTS_WRITE)
    post = await web.post(f"{path}/notices", json={"note": "好", "post": "zh"}, headers=drafts)
    assert post.status_code == 403
    assert (await web.get("/v1/themes/theme_none", headers=reader)).status_code == 404


async def test_the_page_shows_and_changes_a_theme(
    web: httpx.AsyncClient, log_in: LogIn, themes: list[str]
) -> None:
    await log_in()
    listed = (await web.get("/themes")).text
    assert f"/themes/{themes[0]}" in listed
    page = (await web.get(f"/themes/{themes[0]}")).text
    assert TEXTS["pdf"] in page
    form = {"csrf": csrf_of(page), "status": "resolved", "owner": "lin", "name_zh": "<b>空白"}
    assert (await web.post(f"/themes/{themes[0]}", data=form)).status_code == 303
    page = (await web.get(f"/themes/{themes[0]}")).text
    assert "&lt;b&gt;空白" in page
    csrf = csrf_of(page)
    notice = {"csrf": csrf, "note": "修好了", "replies": "1", "post": "1"}
    assert (await web.post(f"/themes/{themes[0]}/notices", data=notice)).status_code == 303
    merge = {"csrf": csrf, "other": themes[1]}
    assert (await web.post(f"/themes/{themes[0]}/merge", data=merge)).status_code == 303
    assert f"/themes/{themes[0]}" in (await web.get(f"/themes/{themes[1]}")).text
    assert (await web.get("/themes/theme_none")).status_code == 404
