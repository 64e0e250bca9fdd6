"""Dead letters: jobs that failed for good, why, and how they get another chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from procrastinate import App
from psycopg.rows import dict_row

from service.errors import AppError

_LIST = """
    SELECT j.id, j.task_name AS name, j.attempts, j.args AS payload, f.code, f.at
    FROM procrastinate_jobs j LEFT JOIN job_failures f ON f.job_id = j.id
    WHERE j.status = 'failed' ORDER BY j.id DESC LIMIT %s
"""
_REQUEUE = """
    UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL
    WHERE id = %s AND status = 'failed'
"""
_REMEMBER = """
    INSERT INTO job_failures (job_id, code, at) VALUES (%(job_id)s, %(code)s, now())
    ON CONFLICT (job_id) DO UPDATE SET code = excluded.code, at = excluded.at
"""
_FORGET = """
    DELETE FROM job_failures f WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs j WHERE j.id = f.job_id AND j.status IN ('failed', 'doing')
    )
"""
"""Why a job ends is noted while it is still being done, and must outlive a clearing then."""


@dataclass(frozen=True, slots=True)
class DeadJob:
    """One dead letter; `code` names the last error, never its text."""

    id: int
    name: str
    attempts: int
    payload: Mapping[str, object]
    code: str | None
    at: datetime | None


async def list_failed(database_url: str, *, limit: int = 50) -> tuple[DeadJob, ...]:
    """Dead letters, newest first."""
    async with await _connect(database_url) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(_LIST, (limit,))
        return tuple([DeadJob(**row) async for row in cursor])


async def requeue_failed(database_url: str, job_id: int) -> bool:
    """Queue a dead letter again with all its tries; False when it is none, or when a job with
    the same key waits already and will do its work."""
    async with await _connect(database_url) as connection:
        try:
            done = await connection.execute(_REQUEUE, (job_id,))
        except psycopg.errors.UniqueViolation:
            return False
        return done.rowcount == 1


def code_of(error: BaseException) -> str:
    """What may be kept and logged of an error: never its text, which may quote a member."""
    return error.code if isinstance(error, AppError) else type(error).__name__


async def remember_failure(app: App, job_id: int | None, code: str) -> None:
    """Keep the code of what ends a job."""
    await app.connector.execute_query_async(_REMEMBER, job_id=job_id, code=code)


async def forget_failures(app: App) -> None:
    """Drop the reasons of jobs that are dead letters no more."""
    await app.connector.execute_query_async(_FORGET)


def plain_url(url: str) -> str:
    """For psycopg itself, which does not know SQLAlchemy's driver names."""
    scheme, rest = url.split("://", 1)
    return f"{scheme.split('+', 1)[0]}://{rest}"


async def _connect(database_url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(plain_url(database_url), autocommit=True)
