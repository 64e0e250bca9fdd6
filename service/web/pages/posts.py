"""Briefs for community posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.advice import Advice
from service.domain.post_kind import PostKind
from service.domain.taxonomy import Department
from service.errors import AppError, InvalidInput, NotFound
from service.ports.engines import PostKindSet
from service.web.pages.brief_form import brief_of, filled, plan_of
from service.web.pages.links import with_cursor
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, raw_form

router = APIRouter(prefix="/posts")

PAGE = 30


@router.get("")
async def posts(request: Request, looking: Looking) -> Response:
    """The brief form of the kind chosen, and earlier posts."""
    looking.require(Scope.POSTS_WRITE)
    return await _page(request, looking)


@router.post("")
async def ask(request: Request, looking: Looking) -> Response:
    """Store a brief; its drafts appear in the queue."""
    looking.require(Scope.POSTS_WRITE)
    data = await raw_form(request, looking.session.id)
    form = {name: value for name, value in data.items() if isinstance(value, str)}
    application = application_of(request)
    try:
        form = await filled(data)
        kind = application.drafter.post_kinds.get(form.get("kind", "announcement"))
        brief = brief_of(form, kind, looking.zone)
        if form.get("action") == "series":
            plan = plan_of(form, brief, looking.zone)
            await application.calendar.plan(looking.community.id, plan, looking.user.id)
            return RedirectResponse("/posts?planned=1", 303)
        await application.content.request(looking.community.id, brief, looking.user.id)
    except (InvalidInput, NotFound) as error:
        return await _page(request, looking, form=form, error=error)
    return RedirectResponse("/posts?asked=1", 303)


@router.get("/{post_id}")
async def review(request: Request, post_id: str, looking: Looking) -> Response:
    """To the post's review task once it has one; with several variants, a list of them."""
    looking.require(Scope.POSTS_WRITE)
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.posts.get(post_id)
    if found is None:
        raise NotFound("There is no such post.")
    looking.within(found.community)
    tasks = await application.queries.tasks_of_post(post_id)
    variants = found.variants()
    if len(variants) > 1:
        forms = [(variant, tasks.get(draft_id)) for draft_id, variant in variants]
        return pages_of(request).page(request, looking, "post.html", post=found, forms=forms)
    task_id = next(iter(tasks.values()), None)
    return RedirectResponse(f"/tasks/{task_id}" if task_id else "/posts?asked=1", 303)


async def _page(
    request: Request,
    looking: Viewer,
    *,
    form: Mapping[str, str] | None = None,
    error: AppError | None = None,
) -> Response:
    application = application_of(request)
    page = await application.queries.posts(
        looking.community.id, cursor=request.query_params.get("cursor"), limit=PAGE
    )
    kinds = application.drafter.post_kinds
    events = await application.queries.events(looking.community.id, limit=PAGE)
    given = form or {
        "lang": looking.community.default_lang.value,
        "subject": request.query_params.get("subject", "")[:200],
        "not_before": _time(request.query_params.get("not_before", "")),
    }
    kind = _kind(kinds, given.get("kind") or request.query_params.get("kind"))
    return pages_of(request).page(
        request,
        looking,
        "posts.html",
        http_status=status_of(error) if error else 200,
        rows=page.items,
        more=with_cursor(request, page.cursor),
        kinds=tuple(kinds),
        kind=kind,
        departments=tuple(Department),
        events=tuple(one.details.name for one in events.items),
        form=given,
        advice=await _advice(request, looking, kind),
        error=error,
        asked="asked" in request.query_params,
        planned="planned" in request.query_params,
    )


async def _advice(request: Request, looking: Viewer, kind: PostKind) -> Advice | None:
    """Once a kind was chosen: weeks of messages are counted for it."""
    if "kind" not in request.query_params:
        return None
    return await application_of(request).advice.advice(looking.community, kind=kind.id)


def _time(value: str) -> str:
    """A local time as the field shows it; empty when it is none."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None).isoformat(timespec="minutes")
    except ValueError:
        return ""


def _kind(kinds: PostKindSet, wanted: str | None) -> PostKind:
    """The kind wanted, or the first."""
    return next((one for one in kinds if one.id == wanted), next(iter(kinds)))
