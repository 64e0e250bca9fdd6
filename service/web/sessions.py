"""Signed session cookies and the tokens that guard forms.

A session is a signed value in the cookie: user, a random session id, when it began, when it was
last seen, and a mark of the password hash, so that a changed password ends every session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeSerializer

from service.domain.account import User
from service.ports.clock import Clock

COOKIE = "huiyin_session"
VISITOR_COOKIE = "huiyin_visitor"
"""Binds the log-in form to one browser before there is a session."""

IDLE_SHARE = 4
"""A login unused for a quarter of its life is over."""

RENEW_AFTER = timedelta(minutes=5)
"""How old the last-seen time may grow before the cookie is written again."""


class Session(NamedTuple):
    """Who is logged in; `id` is random and ties form tokens to this login."""

    user_id: str
    id: str
    started: datetime
    seen: datetime
    mark: str


class Sessions:
    """Issues and reads session cookies; time comes from the clock."""

    def __init__(self, secret: str, clock: Clock, life: timedelta) -> None:
        self._secret, self._clock, self.life = secret, clock, life
        self._signer = URLSafeSerializer(
            secret, salt="huiyin.session", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def open(self, user: User) -> Session:
        """A fresh session."""
        now = self._clock.now()
        return Session(user.id, secrets.token_urlsafe(16), now, now, password_mark(user))

    def write(self, session: Session) -> str:
        """The cookie's value."""
        started, seen = int(session.started.timestamp()), int(session.seen.timestamp())
        return str(self._signer.dumps([session.user_id, session.id, started, seen, session.mark]))

    def read(self, cookie: str | None) -> Session | None:
        """The session, or None when forged, expired or idle for too long."""
        if not cookie:
            return None
        try:
            user_id, sid, started, seen, mark = self._signer.loads(cookie)
        except (BadSignature, ValueError, TypeError):
            return None
        session = Session(user_id, sid, _moment(started), _moment(seen), mark)
        return session if self._alive(session) else None

    def renewed(self, session: Session) -> Session | None:
        """The session seen now, if its cookie should be written again."""
        now = self._clock.now()
        return session._replace(seen=now) if now - session.seen >= RENEW_AFTER else None

    def form_token(self, binding: str) -> str:
        """The token a form of this session (or visitor) must carry."""
        return hmac.new(self._secret.encode(), f"form:{binding}".encode(), "sha256").hexdigest()

    def form_token_ok(self, binding: str, token: str) -> bool:
        """Whether a form came from a page we gave to this session."""
        return hmac.compare_digest(self.form_token(binding).encode(), token.encode())

    def _alive(self, session: Session) -> bool:
        now = self._clock.now()
        return now - session.started < self.life and now - session.seen < self.life / IDLE_SHARE


def password_mark(user: User) -> str:
    """Changes with the password; says nothing about it."""
    return hashlib.sha256(f"mark:{user.password_hash}".encode()).hexdigest()[:16]


def _moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
