"""What many cases are about."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.ports.jobs import Job
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, form_of

router = APIRouter(prefix="/themes")


@router.get("")
async def themes(request: Request, looking: Looking) -> Response:
    """Themes of the newest run, largest first."""
    looking.require(Scope.CASES_READ)
    rows = await application_of(request).queries.themes(looking.community.id)
    return pages_of(request).page(
        request,
        looking,
        "themes.html",
        rows=rows,
        largest=max((row.size for row in rows), default=1),
        queued="queued" in request.query_params,
    )


@router.post("/run")
async def run(request: Request, looking: Looking) -> Response:
    """Queue a clustering."""
    looking.require(Scope.TRIAGE)
    await form_of(request, looking.session.id)
    community = looking.community.id
    async with application_of(request).uow() as uow:
        await uow.jobs.defer(Job.THEMES, {"community": community}, key=f"themes:{community}")
        await uow.commit()
    return RedirectResponse("/themes?queued=1", 303)
