"""Users, API keys and one-time logins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db import tables
from service.db.rows import add_rows, fetch_all, fetch_one, upsert, values_of
from service.domain.account import ApiKey, User

_U, _K, _L = tables.users.c, tables.api_keys.c, tables.login_tokens.c


class SqlAccounts:
    """See `service.ports.store.Accounts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def user(self, user_id: str) -> User | None:
        return await fetch_one(self._connection, User, tables.users, _U.id == user_id)

    async def user_by_name(self, name: str) -> User | None:
        return await fetch_one(self._connection, User, tables.users, _U.name == name)

    async def users(self) -> tuple[User, ...]:
        return await fetch_all(self._connection, User, select(tables.users).order_by(_U.name))

    async def save_user(self, user: User) -> None:
        await self._connection.execute(upsert(tables.users), values_of(tables.users, user))

    async def key_by_prefix(self, prefix: str) -> ApiKey | None:
        return await fetch_one(self._connection, ApiKey, tables.api_keys, _K.prefix == prefix)

    async def keys(self) -> tuple[ApiKey, ...]:
        query = select(tables.api_keys).order_by(_K.created_at.desc(), _K.id)
        return await fetch_all(self._connection, ApiKey, query)

    async def save_key(self, key: ApiKey) -> None:
        row = values_of(tables.api_keys, key)
        await self._connection.execute(upsert(tables.api_keys), row)

    async def issue_login_token(self, token_hash: str, user_id: str, expires: datetime) -> None:
        row = {"token_hash": token_hash, "user_id": user_id, "expires_at": expires}
        await add_rows(self._connection, tables.login_tokens, [row])

    async def use_login_token(self, token_hash: str, now: datetime) -> str | None:
        usable = (_L.token_hash == token_hash, _L.used_at.is_(None), _L.expires_at > now)
        used = update(tables.login_tokens).where(*usable).values(used_at=now)
        user_id: str | None = await self._connection.scalar(used.returning(_L.user_id))
        return user_id
