"""Is the process up, is it ready, what does it count."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from service.bootstrap import Application
from service.flows.in_force import FILES
from service.web.api.base import problem_entry
from service.web.state import application_of, metrics_of

router = APIRouter(tags=["health"])

log = structlog.get_logger()


class Ready(BaseModel):
    """Each part: `ok` or what is wrong, in one word."""

    ready: bool
    parts: dict[str, str]


@router.get("/healthz", summary="Is the process up")
async def healthz() -> dict[str, str]:
    """Always ok while the process answers; asks nobody else."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "A part is away"}},
    summary="Can it work",
)
async def readyz(request: Request) -> Response:
    """Database with its migrations, and the embedder with the vectors it made. A missing chat
    model or vector cache is no fault: replies then come from rule-grounded templates, and search
    reads the database's own vectors. A taxonomy or limit that is configured but not in force is
    none either: what was in force goes on."""
    application = application_of(request)
    parts = {
        "database": await _state(application.queries.counts),
        "embedder": await _embedder(application),
    }
    ready = all(state == "ok" for state in parts.values())
    parts["vectors"] = await _state(lambda: _open_cache(application))
    parts["llm"] = "configured" if application.chat else "none"
    parts |= await _in_force(application)
    answer = Ready(ready=ready, parts=parts)
    return JSONResponse(answer.model_dump(), 200 if ready else 503)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        500: problem_entry(500),
    },
    summary="Prometheus metrics",
)
async def metrics(request: Request) -> Response:
    """Counts and latencies; no texts, no names, no secrets."""
    body = await metrics_of(request).render(application_of(request))
    return Response(body, media_type="text/plain; version=0.0.4")


async def _embedder(application: Application) -> str:
    """The embedder answers, and made the vectors that are stored."""
    stale: list[str] = []

    async def look() -> None:
        stale.extend(await application.reindex.stale())

    state = await _state(look)
    return "stale vectors: run huiyin reindex" if state == "ok" and stale else state


async def _open_cache(application: Application) -> None:
    """Open a collection the flows use."""
    async with application.uow() as uow:
        communities = await uow.communities.all()
    for community in communities[:1]:
        info = application.embedder.info
        await asyncio.to_thread(application.vectors.collection, f"case:{community.id}", info)


async def _in_force(application: Application) -> dict[str, str]:
    """Whether what is configured is in force, by kind; `GET /v1/gate` says more."""
    states: dict[str, str] = {}

    async def look() -> None:
        for one in await application.in_force.states():
            states[one.kind.value] = "ok" if one.accepted else one.stand.value

    found = await _state(look)
    return states or {kind.value: found for kind in FILES}


async def _state(probe: Callable[[], Awaitable[object]]) -> str:
    try:
        await probe()
    except Exception as error:  # any fault of a part means: not ready
        log.warning("not_ready", reason=type(error).__name__)
        return "unavailable"
    return "ok"
