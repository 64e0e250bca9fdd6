"""Duplicates over the API and on the case page: looked up, merged, parted, with the right to."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.triage import Label, LabelSource
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of, item


@pytest.fixture
async def cases(seed: Seed, application: Application) -> list[str]:
    """Two about a refund, one about a crash, in order."""
    await seed(item(0, "我要退款"), item(1, "会员想退款怎么弄"), item(2, "一打开就闪退"))
    page = await application.queries.cases("acme", _all())
    return sorted(row.case_id for row in page.items)


def _all() -> object:
    from service.ports.queries import CaseFilter

    return CaseFilter()


async def test_a_client_can_merge_list_and_unmerge(
    web: httpx.AsyncClient, bearer: KeyMaker, cases: list[str]
) -> None:
    headers = await bearer(Scope.CASES_READ, Scope.TRIAGE)
    refund, other, crash = cases
    similar = await web.get(f"/v1/cases/{refund}/similar", headers=headers)
    (found,) = similar.json()["items"]
    assert (found["case"]["id"], found["grouped"], found["said"]) == (other, False, None)
    assert found["likeness"]["reasons"] == ["same_category"]

    body = {"case_ids": [refund, crash]}
    merged = await web.post("/v1/duplicates/merge", json=body, headers=headers)
    (group,) = merged.json()["groups"]
    assert group["group"]["case_ids"] == [refund, crash]
    assert group["group"]["authors"] == 2
    listed = await web.get("/v1/duplicates?community=acme&kind=merged", headers=headers)
    assert [one["first_case_id"] for one in listed.json()["items"]] == [refund]

    body = {"case_id": crash, "from_case_id": refund}
    parted = await web.post("/v1/duplicates/unmerge", json=body, headers=headers)
    assert parted.json() == {"groups": []}
    again = await web.get("/v1/duplicates?community=acme", headers=headers)
    assert again.json()["items"] == []


@pytest.mark.parametrize("query", ["kind=semantic&grouped=false", "min_similarity=0.6"])
async def test_similar_cases_can_be_filtered(
    web: httpx.AsyncClient, bearer: KeyMaker, cases: list[str], query: str
) -> None:
    headers = await bearer(Scope.CASES_READ)
    kept = await web.get(f"/v1/cases/{cases[0]}/similar?{query}", headers=headers)
    assert len(kept.json()["items"]) == 1
    none = await web.get(f"/v1/cases/{cases[0]}/similar?min_similarity=0.9", headers=headers)
    assert none.json()["items"] == []


async def test_reading_does_not_allow_merging_and_other_communities_stay_hidden(
    web: httpx.AsyncClient, bearer: KeyMaker, cases: list[str], application: Application
) -> None:
    body = {"case_ids": cases[:2]}
    reader = await bearer(Scope.CASES_READ)
    assert (await web.post("/v1/duplicates/merge", json=body, headers=reader)).status_code == 403
    async with application.uow() as uow:
        await uow.communities.save(Community(id="far", name=Bilingual(zh="远", en="Far")))
        await uow.commit()
    stranger = await bearer(community="far")
    for path, sent in (
        ("/v1/duplicates/merge", body),
        ("/v1/duplicates/unmerge", {"case_id": cases[0]}),
    ):
        answer = await web.post(path, json=sent, headers=stranger)
        assert answer.status_code == 404
    similar = await web.get(f"/v1/cases/{cases[0]}/similar", headers=stranger)
    assert similar.status_code == 404


async def test_a_moderator_merges_and_parts_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, cases: list[str]
) -> None:
    await log_in(Role.MODERATOR, lang=Lang.EN)
    refund, other, crash = cases
    page = (await web.get(f"/cases/{refund}")).text
    assert "Perhaps the same; you decide" in page
    assert "会员想退款怎么弄" in page
    form = {"csrf": csrf_of(page), "other": other}
    assert (await web.post(f"/cases/{refund}/merge", data=form)).status_code == 303
    page = (await web.get(f"/cases/{other}")).text
    assert "2 cases · raised by 2 people" in page
    assert "merged by wen" in page
    assert (await web.post(f"/cases/{refund}/unmerge", data=form)).status_code == 303
    page = (await web.get(f"/cases/{refund}")).text
    assert "No other case is merged" in page
    assert "Perhaps the same" not in page  # parted by a person: not suggested again
    wrong = await web.post(f"/cases/{refund}/merge", data=form | {"other": "case_none"})
    assert wrong.status_code == 404
    assert "no such case" in wrong.text
    assert crash not in wrong.text


async def test_a_viewer_sees_and_cannot_merge(
    web: httpx.AsyncClient, log_in: LogIn, cases: list[str]
) -> None:
    await log_in(Role.VIEWER, lang=Lang.ZH)
    page = (await web.get(f"/cases/{cases[0]}")).text
    assert "可能相同，由你决定" in page
    assert f"/cases/{cases[0]}/merge" not in page
    form = {"csrf": csrf_of(page), "other": cases[1]}
    assert (await web.post(f"/cases/{cases[0]}/merge", data=form)).status_code == 403


async def test_a_label_of_the_model_is_shown_as_unmeasured(
    web: httpx.AsyncClient, log_in: LogIn, cases: list[str], application: Application
) -> None:
    label = Label(
        category="bug_report", confidence=None, source=LabelSource.MODEL, quote="一打开<b>就</b>"
    )
    async with application.uow() as uow:
        triage = (await uow.triages.latest(cases))[cases[2]]
        versions = triage.judgement.versions.model_copy(update={"model": "m/classify"})
        changes = {"labels": (label,), "versions": versions}
        judgement = triage.judgement.model_copy(update=changes)
        newer = {"id": "tri_z", "judgement": judgement}
        await uow.triages.add([triage.model_copy(update=newer)])
        await uow.commit()
    await log_in(Role.VIEWER, lang=Lang.EN)
    page = (await web.get(f"/cases/{cases[2]}")).text
    assert "by the model, accuracy not measured" in page
    assert "一打开&lt;b&gt;就" in page
