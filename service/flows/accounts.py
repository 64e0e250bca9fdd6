"""Who may do what: people with passwords or one-time links, clients with keys."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import cached_property

from pwdlib import PasswordHash

from service.domain.account import ROLE_SCOPES, Actor, ApiKey, Role, Scope, User
from service.domain.base import Lang
from service.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from service.ports.clock import Clock, Ids
from service.ports.store import UowFactory

MIN_PASSWORD = 10
"""Characters."""

LOGIN_LINK = timedelta(minutes=30)
"""Life of a one-time login."""

RandomToken = Callable[[int], str]
"""Makes an unguessable URL-safe token of so many bytes."""


class AccountsFlow:
    """Creates, checks and revokes credentials; secrets are stored as hashes only."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        clock: Clock,
        ids: Ids,
        token: RandomToken = secrets.token_urlsafe,
    ) -> None:
        self._uow, self._clock, self._ids, self._token = uow, clock, ids, token
        self._passwords = PasswordHash.recommended()

    @cached_property
    def _decoy(self) -> str:
        """Checked when a name is unknown, so that the answer takes as long."""
        return self._passwords.hash(self._token(16))

    async def create_user(
        self, name: str, role: Role, *, password: str | None = None, lang: Lang = Lang.ZH
    ) -> User:
        """Add a person; without a password only one-time links let them in.

        Raises:
            InvalidInput: a name or password that is too short.
            Conflict: the name is taken.
        """
        if not 1 <= len(name.strip()) <= 64:
            raise InvalidInput("A user name has 1 to 64 characters.")
        user = User(
            id=self._ids.new("user"),
            name=name.strip(),
            role=role,
            lang=lang,
            password_hash=self._hash(password or self._token(24)),
            created_at=self._clock.now(),
        )
        async with self._uow() as uow:
            if await uow.accounts.user_by_name(user.name):
                raise Conflict(f"The user name {user.name!r} is taken.")
            await uow.accounts.save_user(user)
            await uow.commit()
        return user

    async def set_password(self, name: str, password: str) -> None:
        """Replace a password; open sessions end.

        Raises:
            NotFound: no such user.
            InvalidInput: it is too short.
        """
        hashed = await asyncio.to_thread(self._hash, password)
        await self._change(name, password_hash=hashed)

    async def set_active(self, name: str, active: bool) -> None:
        """Lock somebody out, or let them in again; open sessions end at their next request.

        Raises:
            NotFound: no such user.
        """
        await self._change(name, active=active)

    async def _change(self, name: str, **changes: object) -> None:
        async with self._uow() as uow:
            user = await uow.accounts.user_by_name(name)
            if user is None:
                raise NotFound(f"There is no user {name!r}.")
            await uow.accounts.save_user(user.model_copy(update=changes))
            await uow.commit()

    async def log_in(self, name: str, password: str) -> User:
        """Check a password; an unknown name takes as long as a wrong password.

        Raises:
            NotAuthenticated: name or password is wrong, or the user is inactive.
        """
        async with self._uow() as uow:
            user = await uow.accounts.user_by_name(name.strip())
        # Slow by design: in a thread, or every other request would wait for it.
        ok = await asyncio.to_thread(self._verify, password, user)
        if user is None or not ok or not user.active:
            raise NotAuthenticated("The name or password is wrong.")
        return user

    async def login_link(self, name: str) -> str:
        """A token that logs the user in once.

        Raises:
            NotFound: no such user.
        """
        token = self._token(24)
        async with self._uow() as uow:
            user = await uow.accounts.user_by_name(name)
            if user is None:
                raise NotFound(f"There is no user {name!r}.")
            expires = self._clock.now() + LOGIN_LINK
            await uow.accounts.issue_login_token(_digest(token), user.id, expires)
            await uow.commit()
        return token

    async def use_link(self, token: str) -> User:
        """Log in by a one-time token.

        Raises:
            NotAuthenticated: unknown, used or expired.
        """
        async with self._uow() as uow:
            user_id = await uow.accounts.use_login_token(_digest(token), self._clock.now())
            user = await uow.accounts.user(user_id) if user_id else None
            await uow.commit()
        if user is None or not user.active:
            raise NotAuthenticated("This login link is used or expired.")
        return user

    async def user(self, user_id: str) -> User | None:
        """The active user behind a session."""
        async with self._uow() as uow:
            user = await uow.accounts.user(user_id)
        return user if user and user.active else None

    async def users(self) -> tuple[User, ...]:
        """Everybody."""
        async with self._uow() as uow:
            return await uow.accounts.users()

    async def create_key(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        community: str | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is shown this once.

        Raises:
            InvalidInput: no scope.
        """
        if not scopes:
            raise InvalidInput("A key needs at least one scope.")
        prefix, secret = self._ids.new("k")[-10:], self._token(32)
        key = ApiKey(
            id=self._ids.new("key"),
            name=name,
            prefix=prefix,
            secret_hash=_digest(secret),
            scopes=frozenset(scopes),
            community=community,
            created_at=self._clock.now(),
            expires_at=expires_at,
        )
        async with self._uow() as uow:
            await uow.accounts.save_key(key)
            await uow.commit()
        return key, f"hy_{prefix}_{secret}"

    async def rotate_key(self, key_id: str, *, overlap: timedelta) -> tuple[ApiKey, str]:
        """A successor with the same scopes; the old key lives on for `overlap` at most.

        Raises:
            NotFound: no such key.
            Conflict: the key has ended; it gets no successor and does not come back.
        """
        old, now = await self._key(key_id), self._clock.now()
        end = min(now + overlap, old.expires_at or now + overlap)
        if old.revoked_at or (old.expires_at and old.expires_at <= now):
            raise Conflict("The API key is revoked or expired; make a new one.")
        fresh = await self.create_key(old.name, old.scopes, community=old.community)
        await self._save(old.model_copy(update={"expires_at": end}))
        return fresh

    async def revoke_key(self, key_id: str) -> None:
        """End a key now.

        Raises:
            NotFound: no such key.
        """
        old = await self._key(key_id)
        await self._save(old.model_copy(update={"revoked_at": self._clock.now()}))

    async def keys(self) -> tuple[ApiKey, ...]:
        """All keys, without secrets."""
        async with self._uow() as uow:
            return await uow.accounts.keys()

    async def authenticate(self, presented: str) -> Actor:
        """The actor behind `hy_<prefix>_<secret>`.

        Raises:
            NotAuthenticated: unknown, revoked or expired.
        """
        prefix, _, secret = presented.removeprefix("hy_").partition("_")
        async with self._uow() as uow:
            key = await uow.accounts.key_by_prefix(prefix)
        known = key.secret_hash if key else _digest("")
        if key is None or not secrets.compare_digest(known, _digest(secret)):
            raise NotAuthenticated("The API key is unknown.")
        now = self._clock.now()
        if key.revoked_at or (key.expires_at and key.expires_at <= now):
            raise NotAuthenticated("The API key is revoked or expired.")
        return Actor(id=key.id, scopes=key.scopes, community=key.community)

    def _verify(self, password: str, user: User | None) -> bool:
        return self._passwords.verify(password, user.password_hash if user else self._decoy)

    def _hash(self, password: str) -> str:
        if len(password) < MIN_PASSWORD:
            raise InvalidInput(f"A password has at least {MIN_PASSWORD} characters.")
        return self._passwords.hash(password)

    async def _key(self, key_id: str) -> ApiKey:
        for key in await self.keys():
            if key.id == key_id:
                return key
        raise NotFound("There is no such key.")

    async def _save(self, key: ApiKey) -> None:
        async with self._uow() as uow:
            await uow.accounts.save_key(key)
            await uow.commit()


def actor_of(user: User) -> Actor:
    """What a logged-in person may do."""
    return Actor(id=user.id, scopes=ROLE_SCOPES[user.role])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
