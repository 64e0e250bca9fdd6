"""Comparisons with production: the list, and one with its figures and regressed cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from service.domain.account import Scope
from service.domain.evaluation import Difference, Findings, Subject, SubjectKind
from service.domain.gave_up import reason_of
from service.errors import NotFound
from service.web.pages.gate_view import forced
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.pages.previews import SCOPES
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking

router = APIRouter(prefix="/evaluations")

PAGE = 20
RECENT = 5
"""Replays shown beside the comparisons."""
OVERALL = "all"


class Row(NamedTuple):
    """A measure of a slice before and after."""

    measure: str
    slice: str
    figure: Difference


@router.get("")
async def evaluations(request: Request, looking: Looking) -> Response:
    """Comparisons for the community and for everybody, newest first, and what is in force."""
    looking.require(Scope.CASES_READ)
    asked = request.query_params
    kind = asked.get("kind") if asked.get("kind") in list(SubjectKind) else None
    queries, cursor = application_of(request).queries, asked.get("cursor")
    page = await queries.evaluations(looking.community.id, kind=kind, cursor=cursor, limit=PAGE)
    used = await queries.promotions(looking.community.id, kind=kind, limit=PAGE)
    return pages_of(request).page(
        request,
        looking,
        "evaluations.html",
        rows=page.items,
        reason_of=reason_of,
        promotions=used.items,
        in_force=await forced(request, looking.community.id),
        previews=(await queries.previews(looking.community.id, kind=kind, limit=RECENT)).items,
        kinds=tuple(SubjectKind),
        kind=kind,
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if cursor else None,
    )


@router.get("/{evaluation_id}")
async def evaluation(request: Request, evaluation_id: str, looking: Looking) -> Response:
    """One comparison."""
    looking.require(Scope.CASES_READ)
    application = application_of(request)
    found = await application.evaluations.get(evaluation_id)
    if found.community not in (None, looking.community.id):
        raise NotFound("There is no such comparison.")
    used = await application.queries.promotions(looking.community.id, evaluation=found.id)
    main, rest = figures_of(found.findings)
    return pages_of(request).page(
        request,
        looking,
        "evaluation.html",
        one=found,
        gave_up=reason_of(found.failure),
        promotions=used.items,
        preview=await application.previews.look(
            looking.community.id,
            Subject(kind=found.kind, name=found.name, community=found.community),
            found.candidate_hash,
            found.baseline_hash,
        ),
        may_replay=looking.may(SCOPES.get(found.kind, Scope.ADMIN)),
        main=main,
        rest=rest,
        names=await names(request),
    )


def figures_of(findings: Findings | None) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Figures over all cases, by language and of people's own cases, and those of other slices."""
    rows = tuple(_rows(findings.figures)) if findings else ()
    main = tuple(one for one in rows if one.slice in (OVERALL, "zh", "en", "own"))
    return main, tuple(one for one in rows if one not in main)


def _rows(figures: Mapping[str, Difference]) -> list[Row]:
    rows = []
    for key, figure in figures.items():
        measure, _, of = key.removesuffix("]").partition("[")
        rows.append(Row(measure, of.removeprefix("lang:") or OVERALL, figure))
    return rows
