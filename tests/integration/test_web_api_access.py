"""Who may do what over the API: keys, scopes, communities, rates."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.web.app import create_app
from service.web.limiter import KEY_TRIES, Limiter
from tests.plugins.web import BASE, KeyMaker, Seed

PUBLIC = {"/healthz", "/readyz", "/metrics"}


@pytest.fixture
async def other(application: Application) -> Community:
    community = Community(id="other", name=Bilingual(zh="别处", en="Other"))
    async with application.uow() as uow:
        await uow.communities.save(community)
        await uow.commit()
    return community


def operations(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
        if path not in PUBLIC and not path.startswith("/v1/webhooks")
    ]


async def test_nothing_answers_without_a_key(web: httpx.AsyncClient, web_app: FastAPI) -> None:
    web_app.state.limiter._key = web_app.state.limiter._client  # all 35 addresses in one minute
    for method, path in operations(web_app):
        for headers in ({}, {"Authorization": "Basic eDp5"}):
            answer = await web.request(method, path, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["code"] == "not_authenticated"


async def test_every_operation_but_the_taxonomy_asks_for_a_scope(
    web: httpx.AsyncClient, web_app: FastAPI, bearer: KeyMaker
) -> None:
    """A key with one scope is refused wherever that scope does not reach; the body is not looked
    at before."""
    allowed: dict[Scope, int] = {}
    for scope in (Scope.MESSAGES_WRITE, Scope.DELIVERY):
        key = await bearer(scope)
        for method, path in operations(web_app):
            if method == "GET" and path != "/v1/taxonomy":
                answer = await web.request(
                    method, path.replace("{", "").replace("}", "") + "?community=acme", headers=key
                )
                allowed[scope] = allowed.get(scope, 0) + (answer.status_code != 403)
    assert allowed == {Scope.MESSAGES_WRITE: 0, Scope.DELIVERY: 1}


async def test_an_expired_or_revoked_key_is_refused(
    web: httpx.AsyncClient, application: Application
) -> None:
    until = application.clock.now() + timedelta(minutes=1)
    old, secret = await application.accounts.create_key("k", list(Scope), expires_at=until)
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await web.get("/v1/taxonomy", headers=headers)).status_code == 200
    await application.accounts.revoke_key(old.id)
    assert (await web.get("/v1/taxonomy", headers=headers)).status_code == 401
    tampered = {"Authorization": f"Bearer {secret[:-2]}xx"}
    assert (await web.get("/v1/taxonomy", headers=tampered)).status_code == 401


async def test_a_key_sees_its_own_community_only(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, other: Community, application: Application
) -> None:
    (task_id,) = await seed("我要退款")
    view = await application.queries.task(task_id)
    assert view is not None
    foreign = await bearer(community=other.id)
    own = await bearer(community="acme")
    things = (
        ("GET", f"/v1/cases/{view.draft.case_id}"),
        ("GET", f"/v1/tasks/{task_id}"),
        ("POST", f"/v1/tasks/{task_id}/claim"),
        ("POST", f"/v1/tasks/{task_id}/undo"),
        ("GET", f"/v1/drafts/{view.draft.id}"),
    )
    for method, path in things:
        assert (await web.request(method, path, headers=foreign)).status_code == 404, path
    for path in ("/v1/cases", "/v1/tasks", "/v1/themes", "/v1/documents", "/v1/posts"):
        answer = await web.get(path, params={"community": "acme"}, headers=foreign)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), path
    assert (await web.get("/v1/communities/acme", headers=foreign)).status_code == 403
    draft = {"case_id": view.draft.case_id}
    assert (await web.post("/v1/drafts", json=draft, headers=foreign)).status_code == 404
    decision = {"verdict": "approve", "revision_hash": view.revisions[-1].hash}
    answer = await web.post(f"/v1/tasks/{task_id}/decisions", json=decision, headers=foreign)
    assert answer.status_code == 404
    assert (await web.get(f"/v1/tasks/{task_id}", headers=own)).status_code == 200


async def test_keys_make_nothing_greater_than_themselves(
    web: httpx.AsyncClient, bearer: KeyMaker, other: Community
) -> None:
    bound = await bearer(Scope.ADMIN, Scope.REVIEW, community="acme")
    everywhere = await bearer()
    for body in (
        {"name": "k", "scopes": ["review"]},
        {"name": "k", "scopes": ["review"], "community": "other"},
        {"name": "k", "scopes": ["rules:write"], "community": "acme"},
    ):
        assert (await web.post("/v1/keys", json=body, headers=bound)).status_code == 403, body
    made = await web.post(
        "/v1/keys", json={"name": "k", "scopes": ["review"], "community": "acme"}, headers=bound
    )
    assert made.status_code == 201
    assert made.json()["secret"].startswith("hy_")
    listed = (await web.get("/v1/keys", headers=bound)).json()
    assert {one["community"] for one in listed} == {"acme"}
    assert "secret_hash" not in str(listed)
    big = (await web.get("/v1/keys", headers=everywhere)).json()
    unbound = next(one["id"] for one in big if one["community"] is None)
    assert (await web.delete(f"/v1/keys/{unbound}", headers=bound)).status_code == 404


async def test_rotation_hands_over(web: httpx.AsyncClient, bearer: KeyMaker) -> None:
    admin = await bearer()
    made = (
        await web.post("/v1/keys", json={"name": "k", "scopes": ["triage"]}, headers=admin)
    ).json()
    old = {"Authorization": f"Bearer {made['secret']}"}
    path = f"/v1/keys/{made['key']['id']}/rotate"
    rotated = await web.post(path, json={"overlap_hours": 0}, headers=admin)
    new = {"Authorization": f"Bearer {rotated.json()['secret']}"}
    assert rotated.status_code == 201
    assert (await web.get("/v1/taxonomy", headers=new)).status_code == 200
    assert (await web.get("/v1/taxonomy", headers=old)).status_code == 401


async def test_too_many_requests_and_too_many_guesses(
    keyword_triage: Application, bearer: KeyMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(keyword_triage)
    app.state.limiter = Limiter(2)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        key = await bearer()
        seen = [await client.get("/v1/taxonomy", headers=key) for _ in range(3)]
        assert [one.status_code for one in seen] == [200, 200, 429]
        assert [one.headers["RateLimit-Remaining"] for one in seen] == ["1", "0", "0"]
        assert 1 <= int(seen[2].headers["Retry-After"]) <= 60
        assert seen[2].json()["code"] == "rate_limited"
        wrong = {"Authorization": "Bearer hy_x_y"}
        guesses = [await client.get("/v1/taxonomy", headers=wrong) for _ in range(KEY_TRIES + 1)]
        assert {one.status_code for one in guesses[:-1]} == {401}
        assert guesses[-1].status_code == 429
