"""Deferred work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Job(StrEnum):
    """Names of jobs; each handler is idempotent."""

    TRIAGE = "triage"
    """payload: community, case_ids (a chunk)."""
    CLASSIFY = "classify"
    """payload: case_id."""
    DRAFT = "draft"
    """payload: case_id."""
    POST = "post"
    """payload: request_id."""
    DELIVER = "deliver"
    """payload: entry_id."""
    THEMES = "themes"
    """payload: community."""
    PLACE = "place"
    """payload: community, case_ids (a chunk)."""
    NAME = "name"
    """payload: community."""
    CLOSE = "close"
    """payload: case_id, instruction."""
    RADAR = "radar"
    """payload: community."""
    NOTIFY = "notify"
    """payload: notice_id."""
    REHEARSE = "rehearse"
    """payload: report_id."""


SWEEP_REST = timedelta(hours=1)
"""What failed for good is swept up again no sooner than this."""


class JobQueue(Protocol):
    """Defers jobs inside the surrounding transaction: no fact without its job, no job without
    its fact."""

    async def defer(
        self,
        job: Job,
        payload: Mapping[str, object],
        *,
        run_at: datetime | None = None,
        key: str | None = None,
        rest: timedelta | None = None,
    ) -> None:
        """Queue a job for commit time.

        Args:
            run_at: not earlier than this moment.
            key: while a job with this key waits, deferring another one does nothing.
            rest: for so long after a job with this key failed for good, neither.
        """
        ...
