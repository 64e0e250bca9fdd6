"""Judging texts by rubrics: one at a time, blind; and how far people and judges agree."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.draft import Origin
from service.domain.labelling import LONGEST_NOTE, Progress
from service.domain.quality import Accuracy, OnlineFigures
from service.domain.spot import SpotSplit
from service.errors import AlreadyClaimed, NotFound
from service.quality.agreement import ENOUGH, accuracies, agreements
from service.quality.kappa import LEAST
from service.quality.online import online_figures
from service.quality.rubrics import load_rubrics, rubric_of
from service.quality.spot import spot_figures
from service.web.api.quality import DAYS, MOST_DECISIONS
from service.web.pages.people import names
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/labels")

DRAWS = (20, 50, 200)


@router.get("")
async def labels(request: Request, looking: Looking) -> Response:
    """Rubrics with what waits, and agreement."""
    looking.require(Scope.CASES_READ)
    rubrics, community = load_rubrics(), looking.community.id
    async with application_of(request).uow() as uow:
        progress = await uow.labels.progress(community, looking.user.id)
        judged = await uow.labels.judged(community, [one.id for one in rubrics])
        since = application_of(request).clock.now() - timedelta(days=DAYS)
        frames = await uow.spots.frames(community, since)
        checks = await uow.spots.spotted(community, since)
    known = await asyncio.to_thread(agreements, judged, rubrics)
    by = SpotSplit.VERSION if "versions" in request.query_params else SpotSplit.NOTHING
    people: tuple[Accuracy, ...] = accuracies(judged) if looking.may(Scope.ADMIN) else ()
    done = {one.rubric: one for one in progress}
    empty = [Progress(rubric=one.id, items=0, open=0, mine=0) for one in rubrics]
    return pages_of(request).page(
        request,
        looking,
        "labels.html",
        rubrics=[(one, done.get(one.id, blank)) for one, blank in zip(rubrics, empty, strict=True)],
        titles={one.id: one.title for one in rubrics},
        agreements=known,
        frames=frames,
        spots=spot_figures(checks, judged, rubrics, known, by),
        versions=by is SpotSplit.VERSION,
        least=LEAST,
        enough=ENOUGH,
        people=people,
        online=await _online(request, community),
        names=await names(request),
        draws=DRAWS,
        drawn=_number(request.query_params.get("drawn")),
    )


@router.get("/{rubric_id}")
async def judge(request: Request, rubric_id: str, looking: Looking) -> Response:
    """The next text, held for this person."""
    looking.require(Scope.REVIEW)
    rubric, flow = rubric_of(rubric_id), application_of(request).labelling
    work = await flow.next(looking.community.id, rubric.id, looking.user.id)
    return pages_of(request).page(
        request, looking, "label.html", rubric=rubric, work=work, longest=LONGEST_NOTE
    )


@router.post("/{rubric_id}/items/{item_id}")
async def put(request: Request, rubric_id: str, item_id: str, looking: Looking) -> Response:
    """Say a value, or skip; a text that went to somebody else meanwhile is passed over."""
    form = await _form(request, looking)
    async with application_of(request).uow() as uow:
        item = await uow.labels.get(item_id)
    if item is None or item.rubric != rubric_id:
        raise NotFound("There is no such text.")
    looking.within(item.community)
    note = form.get("note", "")[:LONGEST_NOTE]
    try:
        await application_of(request).labelling.put(
            item_id, _number(form.get("value")), looking.user.id, note=note
        )
    except AlreadyClaimed:
        return RedirectResponse(f"/labels/{rubric_id}", 303)
    return RedirectResponse(f"/labels/{rubric_id}", 303)


@router.post("/{rubric_id}/undo")
async def undo(request: Request, rubric_id: str, looking: Looking) -> Response:
    """Take the last word back; its text is the next one."""
    await _form(request, looking)
    await application_of(request).labelling.undo(
        looking.community.id, rubric_of(rubric_id).id, looking.user.id
    )
    return RedirectResponse(f"/labels/{rubric_id}", 303)


@router.post("/{rubric_id}/draw")
async def draw(request: Request, rubric_id: str, looking: Looking) -> Response:
    """Make texts of decided drafts."""
    looking.require(Scope.EXAMPLES_WRITE)
    form = await form_of(request, looking.session.id)
    asked = _number(form.get("count"))
    count = asked if asked in DRAWS else DRAWS[0]
    added = await application_of(request).labelling.draw(
        looking.community.id, rubric_id, count, looking.user.id
    )
    return RedirectResponse(f"/labels?drawn={added}", 303)


async def _online(request: Request, community: str) -> tuple[OnlineFigures, ...]:
    """What became of texts a model wrote, by version."""
    application = application_of(request)
    since = application.clock.now() - timedelta(days=DAYS)
    found = await application.queries.decided(
        community, origin=Origin.MODEL, since=since, limit=MOST_DECISIONS
    )
    return await asyncio.to_thread(online_figures, found)


async def _form(request: Request, looking: Viewer) -> dict[str, Any]:
    looking.require(Scope.REVIEW)
    return await form_of(request, looking.session.id)


def _number(given: str | None) -> int | None:
    """A small number; anything else is none, as the skip button gives."""
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 4 else None
