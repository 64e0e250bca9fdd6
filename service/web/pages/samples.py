"""Proposed test cases: accept, edit, reject, retire."""

from __future__ import annotations

from collections.abc import Awaitable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.draft import RefusalKind
from service.domain.sample import (
    LONGEST_REASON,
    LONGEST_TEXT,
    Sample,
    SampleStatus,
    SampleTask,
)
from service.domain.triage import Sentiment
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.pages.sample_form import edit_of
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/samples")

PAGE = 20


@router.get("")
async def samples(request: Request, looking: Looking) -> Response:
    """What waits for an editor, or what became of the others."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("/{sample_id}/accept")
async def accept(request: Request, sample_id: str, looking: Looking) -> Response:
    """Take it into the suite, as proposed or as edited."""
    form, sample = await _form(request, sample_id, looking)
    desk = application_of(request).sample_desk
    try:
        edit = edit_of(form, sample.task)
    except InvalidInput as error:
        return await _page(request, looking, error, form | {"id": sample_id})
    done = desk.accept(sample_id, edit, by=looking.user.id)
    return await _done(request, looking, done, form | {"id": sample_id})


@router.post("/{sample_id}/reject")
async def reject(request: Request, sample_id: str, looking: Looking) -> Response:
    """Refuse it, with a reason."""
    form, _ = await _form(request, sample_id, looking)
    desk = application_of(request).sample_desk
    done = desk.reject(sample_id, by=looking.user.id, reason=form.get("reason", ""))
    return await _done(request, looking, done, {"id": sample_id})


@router.post("/{sample_id}/retire")
async def retire(request: Request, sample_id: str, looking: Looking) -> Response:
    """Take it out of the suite, with a reason."""
    form, _ = await _form(request, sample_id, looking)
    desk = application_of(request).sample_desk
    done = desk.retire(sample_id, by=looking.user.id, reason=form.get("reason", ""))
    return await _done(request, looking, done, {"id": sample_id})


async def _done(
    request: Request, looking: Viewer, step: Awaitable[Sample], form: dict[str, str]
) -> Response:
    """Back to the list, where the outcome is said, or the page with what was wrong."""
    try:
        await step
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error, form)
    return RedirectResponse(f"/samples?done={form['id']}", 303)


async def _form(request: Request, sample_id: str, looking: Viewer) -> tuple[dict[str, str], Sample]:
    looking.require(Scope.EXAMPLES_WRITE)
    form = await form_of(request, looking.session.id)
    async with application_of(request).uow() as uow:
        found = await uow.samples.get(sample_id)
    if found is None:
        raise NotFound("There is no such test case.")
    looking.within(found.community)
    return form, found


async def _page(
    request: Request,
    looking: Viewer,
    error: AppError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    """The list; `given` is the form that could not be taken, so that nothing typed is lost."""
    application, asked = application_of(request), request.query_params
    wanted = asked.get("status", SampleStatus.PROPOSED.value)
    status = SampleStatus(wanted) if wanted in list(SampleStatus) else None
    page = await application.queries.samples(
        looking.community.id, status=status, cursor=asked.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "samples.html",
        http_status=status_of(error) if error else 200,
        error=error,
        given=given or {},
        rows=page.items,
        one=await _one(request, looking, asked.get("id") or _same(error)),
        done=await _one(request, looking, asked.get("done")),
        status=status,
        statuses=tuple(SampleStatus),
        tasks=tuple(SampleTask),
        categories=application.taxonomy.categories,
        sentiments=tuple(Sentiment),
        refusals=tuple(RefusalKind),
        limits={"text": LONGEST_TEXT, "reason": LONGEST_REASON},
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if asked.get("cursor") else None,
    )


def _same(error: AppError | None) -> str | None:
    """The case that says the same, where that is what was wrong."""
    found = error.details.get("sample") if error else None
    return found if isinstance(found, str) else None


async def _one(request: Request, looking: Viewer, sample_id: str | None) -> Sample | None:
    """A sample by its id, if it is one of this community."""
    if not sample_id:
        return None
    async with application_of(request).uow() as uow:
        found = await uow.samples.get(sample_id[:100])
    return found if found and found.community == looking.community.id else None
