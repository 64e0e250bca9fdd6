"""What the rules leave open."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from service.domain.account import Scope
from service.domain.draft import RefusalKind
from service.web.gaps import above_floor
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking

router = APIRouter(prefix="/gaps")

DAYS = (7, 30, 90)


@router.get("")
async def gaps(request: Request, looking: Looking) -> Response:
    """Refusals and hand-offs of the last days, ranked by how many people got no answer."""
    looking.require(Scope.CASES_READ)
    application, asked = application_of(request), request.query_params
    refusal = asked.get("refusal") if asked.get("refusal") in list(RefusalKind) else None
    days = next((one for one in DAYS if str(one) == asked.get("days")), DAYS[1])
    least = application.settings.themes.min_authors
    since = application.clock.now() - timedelta(days=days)
    community = looking.community.id
    rows = above_floor(
        await application.insights.gaps(community, since=since, least=least, refusal=refusal), least
    )
    themes = {row.theme_id for row in rows if row.theme_id}
    return pages_of(request).page(
        request,
        looking,
        "gaps.html",
        rows=rows,
        themes=await application.insights.theme_names(community, themes, min_authors=least),
        excerpts=await application.insights.excerpts(
            [case_id for row in rows for case_id in row.evidence[:1]]
        ),
        refusals=tuple(RefusalKind),
        refusal=refusal,
        days=days,
        spans=DAYS,
        floor=least,
    )
