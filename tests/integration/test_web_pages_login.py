"""Getting in and staying in: passwords, one-time links, sessions, forged forms."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from service.bootstrap import Application
from service.domain.account import Role
from service.domain.base import Lang
from service.web.limiter import LOGIN_TRIES, Limiter
from service.web.places import GROUPS
from service.web.sessions import COOKIE
from tests.plugins.app import FrozenClock
from tests.plugins.web import PASSWORD, LogIn, csrf_of

PAGES = (*(place.href for group in GROUPS for place in group.places), "/help")


async def enter(web: httpx.AsyncClient, name: str, password: str, **more: str) -> httpx.Response:
    csrf = csrf_of((await web.get("/login")).text)
    form = {"name": name, "password": password, "csrf": csrf} | more
    return await web.post("/login", data=form)


async def test_strangers_are_sent_to_the_login_and_back(
    web: httpx.AsyncClient, application: Application
) -> None:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD)
    for page in PAGES:
        answer = await web.get(page)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={page}")
    assert (await web.post("/tasks/x/claim")).status_code == 303
    answer = await enter(web, "wen", PASSWORD, next="/cases")
    assert answer.headers["location"] == "/cases"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert (await web.get("/cases")).status_code == 200
    away = await enter(web, "wen", PASSWORD, next="//evil.example")
    assert away.headers["location"] == "/queue"


async def test_wrong_passwords_are_refused_alike_and_slowed(
    web: httpx.AsyncClient, web_app: FastAPI, application: Application
) -> None:
    await application.accounts.create_user("wen", Role.ADMIN, password=PASSWORD)
    wrong = await enter(web, "wen", "not the password")
    nobody = await enter(web, '"><script>', "not the password")
    assert wrong.status_code == nobody.status_code == 401
    assert "<script>" not in nobody.text.replace('<script type="module"', "")
    assert COOKIE not in web.cookies
    web_app.state.limiter = limiter = Limiter(100)
    for _ in range(LOGIN_TRIES):
        await limiter.login("elsewhere", "wen")
    slowed = await enter(web, "wen", PASSWORD)
    assert slowed.status_code == 429
    assert "Retry-After" in slowed.headers


async def test_a_link_logs_in_once_and_looking_does_not_use_it(
    web: httpx.AsyncClient, application: Application
) -> None:
    await application.accounts.create_user("wen", Role.ADMIN)
    token = await application.accounts.login_link("wen")
    for _ in range(3):
        page = await web.get(f"/login/{token}")
        assert page.status_code == 200
    csrf = csrf_of(page.text)
    used = await web.post(f"/login/{token}", data={"csrf": csrf})
    assert used.headers["location"] == "/queue"
    assert (await web.get("/queue")).status_code == 200
    web.cookies.clear()
    csrf = csrf_of((await web.get(f"/login/{token}")).text)
    again = await web.post(f"/login/{token}", data={"csrf": csrf})
    assert again.status_code == 401


async def test_a_session_ends_with_time(
    web: httpx.AsyncClient, log_in: LogIn, clock: FrozenClock
) -> None:
    await log_in()
    for _ in range(11):
        clock.move(timedelta(hours=1))
        answer = await web.get("/help")
        assert answer.status_code == 200
        assert COOKIE in answer.headers["set-cookie"]
    clock.move(timedelta(hours=1))
    assert (await web.get("/help")).status_code == 303


async def test_a_session_ends_with_a_new_password_or_a_closed_account(
    web: httpx.AsyncClient, log_in: LogIn, application: Application
) -> None:
    user = await log_in()
    await application.accounts.set_password(user.name, "another password")
    assert (await web.get("/queue")).status_code == 303
    await enter(web, "wen", "another password")
    assert (await web.get("/queue")).status_code == 200
    async with application.uow() as uow:
        known = await uow.accounts.user(user.id)
        assert known is not None
        await uow.accounts.save_user(known.model_copy(update={"active": False}))
        await uow.commit()
    assert (await web.get("/queue")).status_code == 303


async def test_logging_out(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in()
    csrf = csrf_of((await web.get("/queue")).text)
    assert (await web.post("/logout", data={"csrf": csrf})).status_code == 303
    assert (await web.get("/queue")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_forms_of_other_sites_are_refused(
    web: httpx.AsyncClient, log_in: LogIn, headers: dict[str, str]
) -> None:
    await log_in()
    csrf = csrf_of((await web.get("/queue")).text)
    assert (await web.post("/logout", data={"csrf": csrf}, headers=headers)).status_code == 403
    assert (await web.get("/queue")).status_code == 200


async def test_every_form_needs_its_token(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in()
    old = csrf_of((await web.get("/queue")).text)
    paths = (
        "/logout",
        "/community",
        "/themes/run",
        "/documents",
        "/documents/x/retire",
        "/posts",
        "/deliveries/x/replay",
        "/settings/keys",
        "/settings/keys/x/revoke",
        "/settings/receiver",
        "/tasks/x/claim",
        "/tasks/x/release",
        "/tasks/x/undo",
        "/tasks/x/decide",
        "/tasks/x/redraft",
    )
    for path in paths:
        for form in ({}, {"csrf": "x"}):
            assert (await web.post(path, data=form)).status_code == 403, path
    await enter(web, "wen", PASSWORD)
    assert (await web.post("/logout", data={"csrf": old})).status_code == 403


async def test_broken_forms_are_answered(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for raw in (b"csrf=%ff%fe", b"\xff\xfe=1", b"csrf"):
        assert (await web.post("/logout", content=raw, headers=headers)).status_code in (403, 422)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    broken = await web.post("/documents", content=b"--x\r\nnonsense", headers=headers)
    assert broken.status_code in (400, 403, 422)


async def test_roles_open_doors(web: httpx.AsyncClient, log_in: LogIn) -> None:
    allowed = {}
    for role in Role:
        web.cookies.clear()
        await log_in(role, name=f"user-{role}")
        answers = {page: (await web.get(page)).status_code for page in PAGES}
        allowed[role] = {page for page, status in answers.items() if status == 200}
        assert set(answers.values()) <= {200, 403}
    desk, office = {"/posts", "/calendar"}, {"/settings", "/usage"}
    everybody = set(PAGES) - desk - office
    assert allowed[Role.VIEWER] == allowed[Role.MODERATOR] == everybody
    assert allowed[Role.EDITOR] == everybody | desk
    assert allowed[Role.ADMIN] == set(PAGES)


async def test_language_follows_browser_person_and_switch(
    web: httpx.AsyncClient, log_in: LogIn
) -> None:
    assert '<html lang="zh-CN"' in (await web.get("/login")).text
    english = await web.get("/login", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en"' in english.text
    await log_in(lang=Lang.EN)
    assert '<html lang="en"' in (await web.get("/queue")).text
    switched = await web.post("/language", data={"lang": "zh", "back": "/queue"})
    assert switched.headers["location"] == "/queue"
    assert '<html lang="zh-CN"' in (await web.get("/queue")).text
    await web.post("/language", data={"lang": "xx", "back": "//evil"})
    assert '<html lang="zh-CN"' in (await web.get("/queue")).text


async def test_every_answer_is_hardened(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in()
    for path in ("/queue", "/login", "/nowhere", "/v1/cases", "/static/base.css"):
        headers = (await web.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        stored = "no-cache" if path.startswith("/static") else "no-store"
        assert headers["Cache-Control"] == stored
    versioned = (await web.get("/static/base.css?v=1")).headers
    assert "immutable" in versioned["Cache-Control"]
