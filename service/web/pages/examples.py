"""Curating labelled examples: accept, reject, retire, and what each did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.base import Lang
from service.domain.example import Example, ExampleStatus
from service.domain.refit import Refit
from service.errors import AppError, Conflict, InvalidInput, NotFound, TransientProviderError
from service.flows.learn import Outcome
from service.ports.queries import ExampleFilter
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/examples")

PAGE = 40


@router.get("")
async def examples(request: Request, looking: Looking) -> Response:
    """What waits for a curator, or what passes the filters."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("")
async def add(request: Request, looking: Looking) -> Response:
    """Propose an example of this community."""
    looking.require(Scope.EXAMPLES_WRITE)
    form = await form_of(request, looking.session.id)
    text, category = form.get("text", ""), form.get("category", "")
    try:
        await application_of(request).learn.add(
            looking.community.id, text, category, by=looking.user.id
        )
    except (InvalidInput, Conflict) as error:
        return await _page(request, looking, error)
    return RedirectResponse("/examples", 303)


@router.post("/{example_id}/accept")
async def accept(request: Request, example_id: str, looking: Looking) -> Response:
    """Compare and adopt, or hold."""
    form = await _form(request, example_id, looking)
    insist = form.get("insist", "")[:1000]
    learn = application_of(request).learn
    return await _taught(
        request, looking, lambda: learn.accept([example_id], by=looking.user.id, insist=insist)
    )


@router.post("/{example_id}/retire")
async def retire(request: Request, example_id: str, looking: Looking) -> Response:
    """Take out of use, with a reason."""
    form = await _form(request, example_id, looking)
    reason = form.get("reason", "")[:1000]
    learn = application_of(request).learn
    return await _taught(
        request, looking, lambda: learn.retire(example_id, by=looking.user.id, reason=reason)
    )


@router.post("/{example_id}/reject")
async def reject(request: Request, example_id: str, looking: Looking) -> Response:
    """Refuse a proposal."""
    await _form(request, example_id, looking)
    try:
        await application_of(request).learn.reject(example_id, by=looking.user.id)
    except Conflict as error:
        return await _page(request, looking, error)
    return RedirectResponse("/examples", 303)


async def _taught(
    request: Request, looking: Viewer, step: Callable[[], Awaitable[Outcome]]
) -> Response:
    try:
        done = await step()
    except (Conflict, InvalidInput, TransientProviderError) as error:
        return await _page(request, looking, error)
    return RedirectResponse(f"/examples?refit={done.refit.id}", 303)


async def _form(request: Request, example_id: str, looking: Viewer) -> dict[str, str]:
    """The form, if the example is one this person may curate; shared ones are for administrators.

    Raises:
        NotPermitted, NotFound.
    """
    looking.require(Scope.EXAMPLES_WRITE)
    form = await form_of(request, looking.session.id)
    async with application_of(request).uow() as uow:
        example = await uow.examples.get(example_id)
    if example is None:
        raise NotFound("There is no such example.")
    if example.community is None:
        looking.require(Scope.ADMIN)
    else:
        looking.within(example.community)
    return form


async def _page(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    application, where = application_of(request), _filter(request)
    page = await application.queries.examples(
        looking.community.id, where, cursor=request.query_params.get("cursor"), limit=PAGE
    )
    refit = await _refit(request, looking)
    return pages_of(request).page(
        request,
        looking,
        "examples.html",
        http_status=status_of(error) if error else 200,
        error=error,
        rows=page.items,
        where=where,
        statuses=tuple(ExampleStatus),
        categories=application.taxonomy.categories,
        refit=refit,
        held=await _held(request, refit),
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if request.query_params.get("cursor") else None,
    )


def _filter(request: Request) -> ExampleFilter:
    """Unknown values count as not given; without a status, what waits is shown."""
    asked = request.query_params
    status = asked.get("status", ExampleStatus.PROPOSED.value)
    return ExampleFilter(
        status=status if status in list(ExampleStatus) else None,
        category=asked.get("category") or None,
        lang=asked.get("lang") if asked.get("lang") in list(Lang) else None,
        text=asked.get("text", "").strip()[:200],
    )


async def _refit(request: Request, looking: Viewer) -> Refit | None:
    """The comparison a redirect names."""
    asked = request.query_params.get("refit")
    if not asked:
        return None
    async with application_of(request).uow() as uow:
        refit = await uow.refits.get(asked)
    if refit is None or refit.community not in (None, looking.community.id):
        return None
    return refit


async def _held(request: Request, refit: Refit | None) -> Example | None:
    """The example that waits for somebody to insist."""
    if refit is None or refit.verdict != "held":
        return None
    async with application_of(request).uow() as uow:
        example = await uow.examples.get(refit.example_ids[0])
    return example if example and example.status is ExampleStatus.HELD else None
