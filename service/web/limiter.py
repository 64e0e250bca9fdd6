"""Request rates, per process: fixed windows of a minute from the `limits` library."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from service.errors import RateLimited

LOGIN_TRIES = 10
"""Wrong or right, per minute, address and name."""

KEY_TRIES = 30
"""Refused API keys per minute and address."""


class Rate(NamedTuple):
    """Where a client stands; `reset_s` is seconds until the window ends."""

    limit: int
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        """The `RateLimit-*` headers."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class Limiter:
    """Counts requests of clients, log-ins and refused keys."""

    def __init__(self, per_minute: int) -> None:
        self._client = RateLimitItemPerMinute(per_minute)
        self._login = RateLimitItemPerMinute(LOGIN_TRIES)
        self._key = RateLimitItemPerMinute(KEY_TRIES)
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    async def client(self, who: str) -> Rate:
        """Count one request.

        Raises:
            RateLimited: too many; the details say the limit and when to come back.
        """
        return await self._hit(self._client, "client", who)

    async def login(self, address: str, name: str | None) -> None:
        """Count one log-in, by address and by name, so that neither can be tried at speed.

        Args:
            name: None for a one-time link, whose token nobody guesses.

        Raises:
            RateLimited.
        """
        await self._hit(self._login, "login-address", address)
        if name is not None:
            await self._hit(self._login, "login-name", name.strip().lower()[:64])

    async def refused_key(self, address: str) -> None:
        """Count a key that was refused."""
        await self._windows.hit(self._key, "key", address)

    async def require_patience(self, address: str) -> None:
        """Stop an address that tries keys.

        Raises:
            RateLimited.
        """
        if not await self._windows.test(self._key, "key", address):
            raise _limited(await self._rate(self._key, "key", address))

    async def _hit(self, item: RateLimitItemPerMinute, *who: str) -> Rate:
        allowed = await self._windows.hit(item, *who)
        rate = await self._rate(item, *who)
        if not allowed:
            raise _limited(rate)
        return rate

    async def _rate(self, item: RateLimitItemPerMinute, *who: str) -> Rate:
        reset, remaining = await self._windows.get_window_stats(item, *who)
        return Rate(item.amount, max(0, remaining), max(1, math.ceil(reset - time.time())))


def _limited(rate: Rate) -> RateLimited:
    return RateLimited(
        f"Too many requests; try again in {rate.reset_s} seconds.",
        retry_after_s=rate.reset_s,
        limit=rate.limit,
    )
