"""Looking behind the tokens: for those with the right, with a reason, and written down."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import ROLE_SCOPES, Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

SAID = "我要退款，电话 13812345678"


async def case_and_message(application: Application, task_id: str) -> tuple[str, str]:
    view = await application.queries.task(task_id)
    assert view is not None
    case_id = str(view.draft.case_id)
    async with application.uow() as uow:
        case = (await uow.cases.texts([case_id]))[case_id]
    return case_id, case.messages[0].id


async def test_a_look_shows_the_message_and_leaves_a_record(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application
) -> None:
    (task_id,) = await seed(SAID)
    case_id, message_id = await case_and_message(application, task_id)
    path = f"/v1/cases/{case_id}/reveals"
    key = await bearer(Scope.PII_REVEAL)
    body = {"message_id": message_id, "reason": "回电，原号 13812345678"}
    shown = await web.post(path, json=body, headers=key)
    assert (shown.status_code, shown.json()["text"]) == (200, SAID)
    assert shown.headers["cache-control"] == "no-store"
    looks = await web.get(path, headers=key)
    (look,) = looks.json()["items"]
    assert look["tokens"] == ["[PHONE_1]"]
    assert look["reason"] == "回电，原号 [PHONE_1]"
    assert "13812345678" not in looks.text


async def test_nobody_else_may_look(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application
) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    (task_id,) = await seed(SAID)
    case_id, message_id = await case_and_message(application, task_id)
    path, body = f"/v1/cases/{case_id}/reveals", {"message_id": message_id, "reason": "x"}
    others = await bearer(*(set(Scope) - {Scope.PII_REVEAL}))
    refused = await web.post(path, json=body, headers=others)
    assert (refused.status_code, "13812345678" in refused.text) == (403, False)
    foreign = await bearer(Scope.PII_REVEAL, community="other")
    assert (await web.post(path, json=body, headers=foreign)).status_code == 404
    key = await bearer(Scope.PII_REVEAL)
    unknown = body | {"message_id": "msg_of_another_case"}
    assert (await web.post(path, json=unknown, headers=key)).status_code == 404
    assert (await web.post(path, json=body | {"reason": "  "}, headers=key)).status_code == 422
    async with application.uow() as uow:
        assert await uow.reveals.of_case(case_id) == ()


def test_only_administrators_hold_the_right() -> None:
    holders = {role for role, scopes in ROLE_SCOPES.items() if Scope.PII_REVEAL in scopes}
    assert holders == {Role.ADMIN}


async def test_an_administrator_looks_on_the_page(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    (task_id,) = await seed(SAID)
    case_id, message_id = await case_and_message(application, task_id)
    user = await log_in(Role.ADMIN)
    page = await web.get(f"/cases/{case_id}")
    assert "13812345678" not in page.text
    form = {"csrf": csrf_of(page.text), "message": message_id, "reason": "call back"}
    shown = await web.post(f"/cases/{case_id}/reveal", data=form)
    assert (shown.status_code, "13812345678" in shown.text) == (200, True)
    assert "13812345678" not in (await web.get(f"/cases/{case_id}")).text
    async with application.uow() as uow:
        (look,) = await uow.reveals.of_case(case_id)
    assert (look.by, look.reason) == (user.id, "call back")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR, Role.EDITOR])
async def test_other_roles_do_not_even_see_the_form(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application, role: Role
) -> None:
    (task_id,) = await seed(SAID)
    case_id, message_id = await case_and_message(application, task_id)
    await log_in(role)
    page = await web.get(f"/cases/{case_id}")
    assert "/reveal" not in page.text
    form = {"csrf": csrf_of(page.text), "message": message_id, "reason": "curious"}
    refused = await web.post(f"/cases/{case_id}/reveal", data=form)
    assert (refused.status_code, "13812345678" in refused.text) == (403, False)
