"""Two drafts side by side, one of them to be picked."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.draft import TemplateRef
from service.domain.review import TaskStatus
from service.domain.views import TaskView
from service.errors import Conflict, NotFound
from service.flows.compare import Pair
from service.web.comparison import comparison_of
from service.web.pages.task_view import clause_href
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/tasks/{task_id}/compare")


@router.get("")
async def compare(request: Request, task_id: str, looking: Looking) -> Response:
    """The task's draft beside the one before it."""
    looking.require(Scope.CASES_READ)
    view, pair = await _pair(request, task_id, looking)
    return await _page(request, looking, view, pair)


@router.post("")
async def pick(request: Request, task_id: str, looking: Looking) -> Response:
    """Go on with one of the two."""
    looking.require(Scope.REVIEW)
    form = await form_of(request, looking.session.id)
    view, pair = await _pair(request, task_id, looking)
    chosen = form.get("pick", "")
    try:
        if chosen not in (pair.older.draft.id, pair.newer.draft.id):
            raise Conflict("Choose one of the two drafts.")
        task = await application_of(request).compare.pick(chosen, looking.user.id)
    except Conflict as error:
        return await _page(request, looking, view, pair, error=error)
    return RedirectResponse(f"/tasks/{task.id}", 303)


async def beside(application: Application, view: TaskView) -> dict[str, Any]:
    """What the task page says of other drafts: whether there is one to compare with, the prompt
    version a second one may be written by, and whether a model would write it."""
    pair = await application.compare.pair(view.draft.id) if view.draft.supersedes else None
    return {
        "comparable": pair is not None,
        "trial": await _trial(application, view),
        "modelled": application.chat is not None,
    }


async def _trial(application: Application, view: TaskView) -> TemplateRef | None:
    """The candidate, unless the draft was written by it."""
    if view.case is None or view.task.status not in (TaskStatus.OPEN, TaskStatus.CLAIMED):
        return None
    found = await application.compare.candidate(view.task.community, view.draft.lang)
    return found if found and found.hash != view.context.template.hash else None


async def _pair(request: Request, task_id: str, looking: Viewer) -> tuple[TaskView, Pair]:
    application = application_of(request)
    view = await application.queries.task(task_id)
    if view is None:
        raise NotFound("There is no such review task.")
    looking.within(view.task.community)
    pair = await application.compare.pair(view.draft.id)
    if pair is None:
        raise NotFound("There is no draft to compare this one with.")
    return view, pair


async def _page(
    request: Request,
    looking: Viewer,
    view: TaskView,
    pair: Pair,
    *,
    error: Conflict | None = None,
) -> Response:
    application = application_of(request)
    open_ = view.task.status in (TaskStatus.OPEN, TaskStatus.CLAIMED)
    held = view.task.held_by_other(looking.user.id, application.clock.now())
    return pages_of(request).page(
        request,
        looking,
        "compare.html",
        http_status=status_of(error) if error else 200,
        view=view,
        error=error,
        compared=await comparison_of(application, pair),
        passages={one.clause_id: one for side in pair for one in side.context.passages},
        href=clause_href,
        may_pick=looking.may(Scope.REVIEW) and open_ and not held,
    )
