"""One review task: reading, claiming, editing, deciding, taking back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.bootstrap import Application
from service.domain.account import Scope
from service.domain.review import RejectReason, TaskStatus, Verdict
from service.domain.sample import Sample, SampleTask
from service.domain.taxonomy import Department
from service.domain.triage import Sentiment
from service.domain.views import TaskView
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.flows.review import Ruling
from service.web.consent import endorsements_of, required_of
from service.web.facts_view import HEAD, Marked, causes_of, fact_groups, fact_rows, marked
from service.web.pages.background_view import around_of
from service.web.pages.compare import beside
from service.web.pages.people import names
from service.web.pages.task_view import Desk, desk_of
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.spreadsheet import as_csv
from service.web.state import application_of
from service.web.streaming import stream_draft
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/tasks/{task_id}")


@router.get("")
async def read(request: Request, task_id: str, looking: Looking) -> Response:
    """Everything a decision rests on."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking, await _view(request, task_id, looking))


@router.get("/facts")
async def facts(request: Request, task_id: str, looking: Looking) -> Response:
    """The facts of the draft as CSV."""
    looking.require(Scope.CASES_READ)
    view = await _view(request, task_id, looking)
    return as_csv("facts", HEAD, fact_rows(view.context.facts))


@router.post("/claim")
async def claim(request: Request, task_id: str, looking: Looking) -> Response:
    """Hold the task, or renew the hold."""
    await _form(request, task_id, looking)
    return await _attempt(
        request, looking, task_id, application_of(request).review.claim(task_id, looking.user.id)
    )


@router.post("/release")
async def release(request: Request, task_id: str, looking: Looking) -> Response:
    """Give the task back."""
    await _form(request, task_id, looking)
    return await _attempt(
        request, looking, task_id, application_of(request).review.release(task_id, looking.user.id)
    )


@router.post("/undo")
async def undo(request: Request, task_id: str, looking: Looking) -> Response:
    """Take one's own decision back."""
    await _form(request, task_id, looking)
    return await _attempt(
        request, looking, task_id, application_of(request).review.undo(task_id, looking.user.id)
    )


@router.post("/decide")
async def decide(request: Request, task_id: str, looking: Looking) -> Response:
    """Approve (as it is or edited), reject, escalate, or save the edit for later."""
    form = await _form(request, task_id, looking)
    view = await _view(request, task_id, looking)
    if form.get("action") == "save":
        return await _save(request, looking, view, form)
    try:
        ruling = _ruling(view, form)
        await application_of(request).review.decide(task_id, looking.user.id, ruling)
    except (Conflict, InvalidInput) as error:
        return await _again(request, looking, task_id, error, form.get("text"))
    return RedirectResponse(f"/tasks/{task_id}", 303)


@router.post("/redraft")
async def redraft(request: Request, task_id: str, looking: Looking) -> Response:
    """Draft again with an instruction; streamed to those who accept events."""
    form = await _form(request, task_id, looking, Scope.DRAFTS_WRITE)
    view = await _view(request, task_id, looking)
    case_id, instruction = view.draft.case_id, form.get("instruction", "")[:600]
    if case_id is None or view.task.status in (TaskStatus.DECIDED, TaskStatus.SUPERSEDED):
        return await _again(
            request, looking, task_id, Conflict("Only an undecided reply can be drafted again.")
        )
    application, candidate = application_of(request), form.get("candidate") == "yes"
    if "text/event-stream" in request.headers.get("accept", ""):

        async def finish(_: object) -> dict[str, object]:
            return {"href": await _after(application, case_id, form)}

        return stream_draft(
            lambda on_delta: application.draft.redraft(
                case_id, instruction=instruction, candidate=candidate, on_delta=on_delta
            ),
            finish,
        )
    try:
        await application.draft.redraft(case_id, instruction=instruction, candidate=candidate)
    except Conflict as error:
        return await _again(request, looking, task_id, error)
    return RedirectResponse(await _after(application, case_id, form), 303)


@router.post("/sample")
async def sample(request: Request, task_id: str, looking: Looking) -> Response:
    """Propose a test case from what stands on the page; the reviewer's text stays."""
    form = await _form(request, task_id, looking)
    kind, text = form.get("sample", SampleTask.DRAFT.value), form.get("text")
    try:
        if kind not in list(SampleTask):
            raise InvalidInput("Choose what the case is to test.")
        found = await application_of(request).harvest.from_task(
            task_id, SampleTask(kind), by=looking.user.id, text=text
        )
    except (Conflict, InvalidInput) as error:
        return await _again(request, looking, task_id, error, text)
    view = await _view(request, task_id, looking)
    return await _page(request, looking, view, text=text, proposed=found)


async def _after(application: Application, case_id: str, form: dict[str, str]) -> str:
    """Where a reviewer goes from a fresh draft."""
    task = f"/tasks/{await application.queries.task_of_case(case_id)}"
    return f"{task}/compare" if form.get("then") == "compare" else task


async def _save(
    request: Request, looking: Viewer, view: TaskView, form: dict[str, str]
) -> Response:
    task_id = view.task.id
    try:
        await application_of(request).review.edit(
            task_id,
            looking.user.id,
            text=form.get("text", ""),
            base_hash=form.get("revision_hash", ""),
        )
    except (Conflict, InvalidInput) as error:
        return await _again(request, looking, task_id, error, form.get("text"))
    fresh = await _view(request, task_id, looking)
    return await _page(request, looking, fresh, saved=True)


def _ruling(view: TaskView, form: dict[str, str]) -> Ruling:
    """What the form asks for. What stands in the text field is what is sent, edited or not.

    Raises:
        InvalidInput: no known action, or an unknown reason.
    """
    action, reason = form.get("action"), form.get("reason") or None
    if reason is not None and reason not in list(RejectReason):
        raise InvalidInput("Choose one of the reasons.")
    text = form.get("text", "").replace("\r\n", "\n").strip()
    edited = text != view.revisions[-1].text.strip()
    verdicts = {
        "approve": Verdict.APPROVE_EDITED if edited else Verdict.APPROVE,
        "reject": Verdict.REJECT,
        "escalate": Verdict.ESCALATE,
    }
    if action not in verdicts:
        raise InvalidInput("Choose what to do with the draft.")
    verdict = verdicts[action]
    return Ruling(
        verdict=verdict,
        revision_hash=form.get("revision_hash", ""),
        text=text if verdict is Verdict.APPROVE_EDITED else None,
        reason=RejectReason(reason) if reason else None,
        note=form.get("note", "")[:2000],
        acknowledge=form.get("acknowledge") == "yes",
    )


async def _form(
    request: Request, task_id: str, looking: Viewer, scope: Scope = Scope.REVIEW
) -> dict[str, str]:
    looking.require(scope)
    form = await form_of(request, looking.session.id)
    await _view(request, task_id, looking)
    return form


async def _attempt(request: Request, looking: Viewer, task_id: str, step: Any) -> Response:
    try:
        await step
    except (Conflict, NotFound) as error:
        return await _again(request, looking, task_id, error)
    return RedirectResponse(f"/tasks/{task_id}", 303)


async def _view(request: Request, task_id: str, looking: Viewer) -> TaskView:
    view = await application_of(request).queries.task(task_id)
    if view is None:
        raise NotFound("There is no such review task.")
    looking.within(view.task.community)
    return view


async def _again(
    request: Request, looking: Viewer, task_id: str, error: AppError, text: str | None = None
) -> Response:
    """The task as it now is, what went wrong, and the reviewer's text kept."""
    view = await _view(request, task_id, looking)
    return await _page(request, looking, view, error=error, text=text)


async def _page(
    request: Request,
    looking: Viewer,
    view: TaskView,
    *,
    error: AppError | None = None,
    text: str | None = None,
    saved: bool = False,
    proposed: Sample | None = None,
) -> Response:
    application = application_of(request)
    text = view.revisions[-1].text if text is None else text
    desk: Desk = desk_of(
        view,
        looking.user.id,
        application.clock.now(),
        redactor=application.redactor,
        undo_s=application.settings.delivery.undo_s,
        text=text,
        look=await application.review.look(view.draft, view.context, text),
        stale=await application.review.stale(view.task.id),
    )
    return pages_of(request).page(
        request,
        looking,
        "task.html",
        http_status=status_of(error) if error else 200,
        desk=desk,
        view=view,
        error=error,
        blocked=error.details.get("findings", []) if error else [],
        text=text,
        saved=saved,
        proposed=proposed,
        names=await names(request),
        categories=application.taxonomy.categories,
        departments=tuple(Department),
        sentiments=tuple(Sentiment),
        next_task=await _next(request, looking, view),
        around=await around_of(application, view),
        facts=fact_groups(view.context.facts),
        causes=causes_of(view.context.facts),
        numbers=_numbers(request, view, desk.newest.text),
        **await beside(application, view),
        **await _consent(request, looking, view),
    )


def _numbers(request: Request, view: TaskView, text: str) -> tuple[Marked, ...]:
    """The numbers of a text that are facts; those of a composed one are stored with it."""
    composed = view.draft.composition
    links = (
        composed.numbers
        if text == composed.text
        else application_of(request).drafter.numbers(view.context, text)
    )
    return marked(text, links, view.context.facts)


async def _consent(request: Request, looking: Viewer, view: TaskView) -> dict[str, Any]:
    """Whether a second person must agree, and who did already."""
    application = application_of(request)
    policy, _ = await application.approvals.current(view.task.community)
    endorsed = endorsements_of(view)
    return {
        "needed": required_of(view, policy, application.drafter.post_kinds),
        "endorsed": endorsed,
        "endorsed_by_me": any(one.reviewer == looking.user.id for one in endorsed),
    }


async def _next(request: Request, looking: Viewer, view: TaskView) -> str | None:
    """The most pressing other task that nobody else holds."""
    page = await application_of(request).queries.queue(view.task.community, limit=10)
    me = looking.user.id
    free = (r for r in page.items if r.task_id != view.task.id and r.claimed_by in (None, me))
    return next((row.task_id for row in free), None)
