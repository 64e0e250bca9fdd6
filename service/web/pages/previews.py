"""Replays of changes on the community's own cases: the list, and one with its flips and cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.evaluation import SubjectKind, Trial
from service.domain.gave_up import reason_of
from service.domain.preview import (
    LONGEST_DAYS,
    MOST_ASKED,
    MOST_CASES,
    FlipKind,
    PreviewFindings,
    Window,
)
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.flows.preview.flow import window_of
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/previews")

PAGE = 40
LISTED = 20
LIMITS = {"days": LONGEST_DAYS, "most": MOST_CASES, "asked": MOST_ASKED}
USUAL = Window()
SCOPES = {
    SubjectKind.PROMPT: Scope.PROMPTS_WRITE,
    SubjectKind.BANK: Scope.BANK_WRITE,
    SubjectKind.RULES: Scope.RULES_WRITE,
}
"""Who may replay what; administrators the rest."""


class Figure(NamedTuple):
    """A count a day, before and after."""

    name: str
    before: float
    after: float

    @property
    def more(self) -> float:
        """How many more a day."""
        return self.after - self.before


@router.get("")
async def previews(request: Request, looking: Looking) -> Response:
    """Newest first."""
    looking.require(Scope.CASES_READ)
    return await _list(request, looking)


@router.post("")
async def replay(request: Request, looking: Looking) -> Response:
    """Replay what was compared (`evaluation`), a whole taxonomy or set of limits (`content`), or
    one that failed once more (`again`)."""
    form = await form_of(request, looking.session.id)
    try:
        if "again" in form:
            return await _again(request, looking, form)
        trial = await _trial(request, looking, form)
        looking.require(SCOPES.get(trial.subject.kind, Scope.ADMIN))
        return await start(request, looking, trial, form)
    except (Conflict, InvalidInput) as error:
        return await _list(request, looking, error, form)


@router.get("/{preview_id}")
async def preview(request: Request, preview_id: str, looking: Looking) -> Response:
    """One replay: counts, cost, and a page of flips, the gravest first."""
    looking.require(Scope.CASES_READ)
    application, asked = application_of(request), request.query_params
    found = await application.previews.get(preview_id)
    looking.within(found.community)
    kind = asked.get("kind") if asked.get("kind") in list(FlipKind) else None
    page = await application.queries.preview_flips(
        found.id, kind=kind, cursor=asked.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "preview.html",
        one=found,
        kind=kind,
        flips=page.items,
        load=load_of(found.findings),
        gave_up=reason_of(found.failure),
        may_again=found.status.value == "failed"
        and looking.may(SCOPES.get(found.kind, Scope.ADMIN)),
        currency=application.settings.llm.currency,
        excerpts=await application.insights.excerpts([one.case_id for one in page.items]),
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
    )


async def start(
    request: Request, looking: Viewer, trial: Trial, form: Mapping[str, str]
) -> Response:
    """Queue a replay on the viewer's community and go to it.

    Raises:
        InvalidInput, Conflict: it cannot be replayed; says why.
    """
    done = await application_of(request).previews.request(
        looking.community.id, trial, read_window(form), by=looking.user.id
    )
    return RedirectResponse(f"/previews/{done.preview.id}", 303)


def read_window(form: Mapping[str, str], usual: Window = USUAL) -> Window:
    """The window of a form; what is left out is as usual.

    Raises:
        InvalidInput: no number, or out of its bounds.
    """
    left_out = usual.model_dump()
    given = {name: form.get(name, "").strip() for name in LIMITS}
    if any(value and not (value.isascii() and value.isdigit()) for value in given.values()):
        raise InvalidInput("Give whole numbers for the days and the cases.")
    days, most, asked = (int(given[name][:9] or left_out[name]) for name in LIMITS)
    return window_of(days, most, asked)


def load_of(findings: PreviewFindings | None) -> tuple[Figure, ...]:
    """Work a day before and after; what no model does is left out without one."""
    if findings is None or not findings.cases:
        return ()
    before, after = findings.before.model_dump(), findings.after.model_dump()
    return tuple(
        Figure(name, findings.per_day(count), findings.per_day(after[name]))
        for name, count in before.items()
        if count is not None and after[name] is not None
    )


async def _again(request: Request, looking: Viewer, form: Mapping[str, str]) -> Response:
    """Queue it anew and go to it."""
    previews = application_of(request).previews
    found = await previews.get(form["again"])
    looking.within(found.community)
    looking.require(SCOPES.get(found.kind, Scope.ADMIN))
    window = read_window(form, found.window)
    done = await previews.again(found.id, window, by=looking.user.id)
    return RedirectResponse(f"/previews/{done.preview.id}", 303)


async def _trial(request: Request, looking: Viewer, form: Mapping[str, str]) -> Trial:
    application = application_of(request)
    if "evaluation" not in form:
        looking.require(Scope.ADMIN)
        kind, content = form.get("kind", ""), form.get("content", "").strip()
        if kind not in (SubjectKind.TAXONOMY, SubjectKind.THRESHOLDS):
            raise InvalidInput("Choose a taxonomy or thresholds.")
        return await application.in_force.trial(SubjectKind(kind), content or None)
    async with application.uow() as uow:
        trial = await uow.evaluations.trial(form["evaluation"])
    if trial is None or trial.subject.community not in (None, looking.community.id):
        raise NotFound("There is no such comparison.")
    return trial


async def _list(
    request: Request,
    looking: Viewer,
    error: AppError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    asked = request.query_params
    kind = asked.get("kind") if asked.get("kind") in list(SubjectKind) else None
    page = await application_of(request).queries.previews(
        looking.community.id, kind=kind, cursor=asked.get("cursor"), limit=LISTED
    )
    return pages_of(request).page(
        request,
        looking,
        "previews.html",
        http_status=status_of(error) if error else 200,
        error=error,
        rows=page.items,
        reason_of=reason_of,
        kinds=tuple(SubjectKind),
        kind=kind,
        given=form or {},
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
    )
