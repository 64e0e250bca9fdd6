"""Texts of two tries never run together: a new one is announced."""

from __future__ import annotations

from service.ports.models import RESTART, OnDelta


class Stream:
    """Hands pieces on; when a try begins after another one was heard, `RESTART` comes first."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self._on_delta, self._heard = on_delta, False

    async def begin(self) -> OnDelta | None:
        """The listener of the next try."""
        if self._on_delta is None:
            return None
        if self._heard:
            self._heard = False
            await self._on_delta(RESTART)
        return self._hear

    async def _hear(self, piece: str) -> None:
        assert self._on_delta is not None  # noqa: S101
        self._heard = piece != RESTART
        await self._on_delta(piece)
