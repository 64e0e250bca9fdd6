"""Small rules: statuses of errors, safe paths and file names, rates."""

from __future__ import annotations

import io

import pytest
from starlette.datastructures import Headers, UploadFile

from service import errors
from service.errors import AppError, InvalidInput, RateLimited
from service.web.limiter import KEY_TRIES, LOGIN_TRIES, Limiter
from service.web.pages.home import safe_path
from service.web.pages.task_view import clause_href
from service.web.problems import from_app_error, headers_of, status_of
from service.web.uploads import read_upload

STATUSES = {
    "InvalidInput": 422,
    "NotAuthenticated": 401,
    "NotPermitted": 403,
    "NotFound": 404,
    "Conflict": 409,
    "AlreadyClaimed": 409,
    "StaleRevision": 409,
    "MovedOn": 409,
    "NotCompared": 409,
    "DuplicateSample": 409,
    "IllegalTransition": 409,
    "IdempotencyMismatch": 409,
    "RateLimited": 429,
    "TransientProviderError": 503,
    "PermanentProviderError": 502,
    "BudgetExceeded": 502,
    "ConfigurationError": 500,
    "ProviderError": 500,
    "SuiteFailed": 500,
    "AppError": 500,
}


def test_every_error_has_its_status() -> None:
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, AppError)
    }
    assert {name: status_of(kind("x")) for name, kind in kinds.items()} == STATUSES


def test_details_that_are_not_json_still_answer() -> None:
    response = from_app_error(InvalidInput("x", odd=object(), kinds=[1]))
    assert response.status_code == 422
    assert b'"kinds":[1]' in response.body


def test_waiting_is_told() -> None:
    limited = headers_of(RateLimited("x", retry_after_s=7, limit=600))
    assert limited["Retry-After"] == limited["RateLimit-Reset"] == "7"
    assert (limited["RateLimit-Limit"], limited["RateLimit-Remaining"]) == ("600", "0")


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("/tasks/1?x=2", "/tasks/1?x=2"),
        ("//evil.example", "/queue"),
        ("/\\evil.example", "/queue"),
        ("https://evil.example", "/queue"),
        ("/a\r\nSet-Cookie: x=1", "/queue"),
        ("/\tevil", "/queue"),
        ("javascript:alert(1)", "/queue"),
        (None, "/queue"),
    ],
)
def test_only_paths_of_this_site_are_followed(given: str | None, safe: str) -> None:
    assert safe_path(given) == safe


def test_clause_links_are_quoted() -> None:
    assert clause_href('规则#3.1"><script>') == (
        "/documents/%E8%A7%84%E5%88%99#c-3.1%22%3E%3Cscript%3E"
    )


async def test_an_uploaded_name_is_only_a_name() -> None:
    file = UploadFile(io.BytesIO(b"x"), filename="..\\..\\etc/pass\x00wd\n.md", headers=Headers({}))
    name, mime, data = await read_upload(file)
    assert (name, mime, data) == ("passwd.md", None, b"x")


@pytest.mark.parametrize(("name", "data"), [("", b"x"), ("a.md", b""), ("/", b"x")])
async def test_an_empty_upload_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(InvalidInput):
        await read_upload(UploadFile(io.BytesIO(data), filename=name, headers=Headers({})))


async def test_rates_count_down_and_stop() -> None:
    limiter = Limiter(3)
    left = [(await limiter.client("a")).remaining for _ in range(3)]
    assert left == [2, 1, 0]
    with pytest.raises(RateLimited) as refused:
        await limiter.client("a")
    assert 1 <= int(str(refused.value.details["retry_after_s"])) <= 60
    assert (await limiter.client("b")).remaining == 2


async def test_logins_are_slowed_by_name_from_anywhere() -> None:
    limiter = Limiter(100)
    for number in range(LOGIN_TRIES):
        await limiter.login(f"10.0.0.{number}", "wen")
    with pytest.raises(RateLimited):
        await limiter.login("10.0.0.99", " WEN ")


async def test_refused_keys_stop_their_address_only() -> None:
    limiter = Limiter(100)
    for _ in range(KEY_TRIES):
        await limiter.require_patience("a")
        await limiter.refused_key("a")
    with pytest.raises(RateLimited):
        await limiter.require_patience("a")
    await limiter.require_patience("b")
