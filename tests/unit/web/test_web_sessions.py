"""Session cookies: signed, bounded in time, ended by a new password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.account import Role, User
from service.domain.base import Lang
from service.web.sessions import IDLE_SHARE, RENEW_AFTER, Sessions, password_mark

LIFE = timedelta(hours=12)


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 4, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def user(hashed: str = "hash") -> User:
    return User(
        id="user_1",
        name="wen",
        role=Role.ADMIN,
        lang=Lang.ZH,
        password_hash=hashed,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions("secret", clock, LIFE)


def test_a_session_comes_back(sessions: Sessions) -> None:
    opened = sessions.open(user())
    assert sessions.read(sessions.write(opened)) == opened


def test_a_changed_or_foreign_cookie_is_refused(sessions: Sessions, clock: Clock) -> None:
    cookie = sessions.write(sessions.open(user()))
    assert sessions.read("x" + cookie) is None
    assert sessions.read(cookie[:-1]) is None
    assert sessions.read("") is None
    assert Sessions("other", clock, LIFE).read(cookie) is None


def test_it_ends_when_idle(sessions: Sessions, clock: Clock) -> None:
    cookie = sessions.write(sessions.open(user()))
    clock.at += LIFE / IDLE_SHARE - timedelta(seconds=1)
    assert sessions.read(cookie) is not None
    clock.at += timedelta(seconds=1)
    assert sessions.read(cookie) is None


def test_it_ends_however_busy(sessions: Sessions, clock: Clock) -> None:
    session = sessions.open(user())
    for _ in range(6):
        clock.at += timedelta(hours=2)
        session = session._replace(seen=clock.at)
    assert sessions.read(sessions.write(session)) is None


def test_use_renews_it_now_and_then(sessions: Sessions, clock: Clock) -> None:
    session = sessions.open(user())
    assert sessions.renewed(session) is None
    clock.at += RENEW_AFTER
    renewed = sessions.renewed(session)
    assert renewed is not None
    assert (renewed.seen, renewed.started, renewed.id) == (clock.at, session.started, session.id)


def test_the_mark_follows_the_password() -> None:
    assert password_mark(user()) == password_mark(user())
    assert password_mark(user("another")) != password_mark(user())


def test_form_tokens_belong_to_one_session(sessions: Sessions) -> None:
    token = sessions.form_token("one")
    assert sessions.form_token_ok("one", token)
    assert not sessions.form_token_ok("two", token)
    assert not sessions.form_token_ok("one", "é")
