"""Deferred work."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol


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
    DRIFT = "drift"
    """payload: community."""
    SPOT = "spot"
    """payload: community."""
    NOTIFY = "notify"
    """payload: notice_id."""
    REHEARSE = "rehearse"
    """payload: report_id."""
    EVALUATE = "evaluate"
    """payload: evaluation_id."""
    PREVIEW = "preview"
    """payload: preview_id."""
    SUGGEST = "suggest"
    """payload: case_id."""
    PUBLISH = "publish"
    """payload: community, lang, by."""
    HARVEST = "harvest"
    """payload: case_id of a corrected triage, or task_id of a decision."""


SWEEP_REST = timedelta(hours=1)
"""What failed for good is swept up again no sooner than this."""


class Deferred(NamedTuple):
    """One of many jobs; see `JobQueue.defer` for the parts."""

    key: str
    payload: Mapping[str, object]
    run_at: datetime | None = None


WORKER_DIED = "worker_died"
"""Code of a job that kept killing its worker."""


class Fate(NamedTuple):
    """What became of the jobs under a key: `alive` while one waits or is under way, else `code` of
    what ended the last one for good."""

    alive: bool
    code: str


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

    async def defer_all(self, job: Job, wanted: Sequence[Deferred]) -> None:
        """Queue many jobs of one kind at once, each as `defer` would; no key comes twice."""
        ...

    async def fates(self, keys: Collection[str]) -> Mapping[str, Fate]:
        """What became of the jobs under these keys; done and unknown ones are left out."""
        ...
