"""The machine's clock and identifiers."""

from __future__ import annotations

from datetime import UTC, datetime

import uuid_utils


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)


class TimeOrderedIds:
    """UUID version 7 (RFC 9562), so that ids sort by creation."""

    def new(self, prefix: str) -> str:
        """`<prefix>_<32 hex digits>`."""
        return f"{prefix}_{uuid_utils.uuid7().hex}"
