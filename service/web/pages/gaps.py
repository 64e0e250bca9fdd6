"""What the rules leave open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.draft import RefusalKind
from service.ports.insights import ClausePair, PairSide
from service.web.gaps import above_floor, pairs_above_floor
from service.web.pages.conflict_view import pieces_of
from service.web.pages.task_view import clause_href
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking
from service.web.worddiff import Piece

router = APIRouter(prefix="/gaps")

DAYS = (7, 30, 90)

_CLASHING = (None, RefusalKind.CONFLICTING_CLAUSES)
"""Reasons asked for under which pairs of clauses are listed."""


class PairRow(NamedTuple):
    """A pair of clauses; each with its address and its sentence cut at the words that clash."""

    pair: ClausePair
    sides: tuple[tuple[PairSide, str, tuple[Piece, ...]], ...]


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
    pairs = await _pairs(application, community, since) if refusal in _CLASHING else ()
    themes = {row.theme_id for row in rows if row.theme_id}
    return pages_of(request).page(
        request,
        looking,
        "gaps.html",
        rows=rows,
        pairs=pairs,
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


async def _pairs(application: Application, community: str, since: datetime) -> tuple[PairRow, ...]:
    least = application.settings.themes.min_authors
    found = await application.insights.conflicts(community, since=since)
    return tuple(PairRow(pair, _sides(pair)) for pair in pairs_above_floor(found, least))


def _sides(pair: ClausePair) -> tuple[tuple[PairSide, str, tuple[Piece, ...]], ...]:
    return tuple(
        (side, clause_href(side.clause_id), tuple(pieces_of(side.sentence, side.marks)))
        for side in pair.sides
    )
