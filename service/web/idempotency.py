"""Retried writes get the answer they got before."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from fastapi import Response
from pydantic import BaseModel

from service.bootstrap import Application
from service.domain.account import Actor
from service.errors import IdempotencyMismatch
from service.ports.store import StoredResponse


async def answer_once(
    application: Application,
    actor: Actor,
    key: str | None,
    body: bytes,
    *,
    status: int,
    work: Callable[[], Awaitable[BaseModel]],
) -> Response:
    """Do the work, or repeat the answer stored under this key.

    The work itself must be idempotent: two concurrent first calls may both do it.

    Raises:
        IdempotencyMismatch: the key came before with another body.
    """
    digest = hashlib.sha256(body).hexdigest()
    if key and (stored := await _stored(application, actor, key)):
        if stored.body_hash != digest:
            raise IdempotencyMismatch("This Idempotency-Key was used with another body.")
        return _json(stored.body, stored.status, replayed=True)
    answer = (await work()).model_dump_json()
    if key:
        async with application.uow() as uow:
            kept = StoredResponse(body_hash=digest, status=status, body=answer)
            await uow.idempotency.put(actor.id, key, kept, application.clock.now())
            await uow.commit()
    return _json(answer, status)


async def _stored(application: Application, actor: Actor, key: str) -> StoredResponse | None:
    async with application.uow() as uow:
        return await uow.idempotency.get(actor.id, key)


def _json(body: str, status: int, *, replayed: bool = False) -> Response:
    headers = {"Idempotency-Replayed": "true"} if replayed else None
    return Response(body, status, headers=headers, media_type="application/json")
