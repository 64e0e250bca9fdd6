"""Several plain drafts on one page, read side by side and approved with one button."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.views import TaskView
from service.ports.engines import Redactor
from service.web.bulk import MOST, Approval, approve, candidates
from service.web.member import Said, said
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, raw_form

router = APIRouter(prefix="/queue/bulk")


class Listed(NamedTuple):
    """A draft beside what it answers."""

    view: TaskView
    messages: tuple[Said, ...]
    text: str
    ticket: str
    """The task and the hash of the text shown: what a tick approves."""


@router.get("")
async def several(request: Request, looking: Looking) -> Response:
    """What the policy allows to be approved in a list."""
    looking.require(Scope.REVIEW)
    application, asked = application_of(request), request.query_params
    views = await candidates(application, looking.community, looking.user.id)
    return pages_of(request).page(
        request,
        looking,
        "bulk.html",
        rows=[_listed(view, application.redactor) for view in views],
        done=_count(asked.get("done")),
        left=_count(asked.get("left")),
    )


@router.post("")
async def decide(request: Request, looking: Looking) -> Response:
    """Approve what was ticked, as it was shown."""
    looking.require(Scope.REVIEW)
    form = await raw_form(request, looking.session.id)
    application, wanted = application_of(request), []
    for given in form.getlist("task")[:MOST]:
        task_id, _, digest = str(given).partition(":")
        view = await application.queries.task(task_id)
        if view is not None:
            looking.within(view.task.community)
            wanted.append(Approval(task_id, digest))
    outcomes = await approve(application, wanted, looking.user.id)
    left = sum(1 for one in outcomes if one.error)
    return RedirectResponse(f"/queue/bulk?done={len(outcomes) - left}&left={left}", 303)


def _listed(view: TaskView, redactor: Redactor) -> Listed:
    newest = view.revisions[-1]
    messages = said(view.case, view.triage, redactor) if view.case else ()
    return Listed(view, messages, newest.text, f"{view.task.id}:{newest.hash}")


def _count(given: str | None) -> int | None:
    plain = given is not None and given.isascii() and given.isdigit() and len(given) < 4
    return int(given) if given is not None and plain else None
