"""Briefs for community posts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from service.domain.account import Scope
from service.domain.base import Lang
from service.domain.post import PostBrief
from service.errors import AppError, InvalidInput, NotFound
from service.web.pages.links import with_cursor
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/posts")

PAGE = 30


@router.get("")
async def posts(request: Request, looking: Looking) -> Response:
    """The brief form and earlier posts."""
    looking.require(Scope.POSTS_WRITE)
    return await _page(request, looking)


@router.post("")
async def ask(request: Request, looking: Looking) -> Response:
    """Store a brief; its draft appears in the queue."""
    looking.require(Scope.POSTS_WRITE)
    form = await form_of(request, looking.session.id)
    try:
        brief = _brief(form, looking)
        await application_of(request).content.request(looking.community.id, brief, looking.user.id)
    except (InvalidInput, NotFound) as error:
        return await _page(request, looking, form=form, error=error)
    return RedirectResponse("/posts?asked=1", 303)


@router.get("/{post_id}")
async def review(request: Request, post_id: str, looking: Looking) -> Response:
    """To the post's review task, once it has one."""
    looking.require(Scope.POSTS_WRITE)
    application = application_of(request)
    async with application.uow() as uow:
        found = await uow.posts.get(post_id)
    if found is None:
        raise NotFound("There is no such post.")
    looking.within(found.community)
    task_id = await application.queries.task_of_post(post_id)
    return RedirectResponse(f"/tasks/{task_id}" if task_id else "/posts?asked=1", 303)


def _brief(form: Mapping[str, str], looking: Viewer) -> PostBrief:
    try:
        return PostBrief(
            kind=form.get("kind", "announcement"),
            lang=Lang(form.get("lang", "zh")),
            title=form.get("title", "").strip(),
            points=tuple(
                line.strip() for line in form.get("points", "").splitlines() if line.strip()
            ),
            audience=form.get("audience", "").strip(),
            channel=form.get("channel", "").strip(),
            not_before=_moment(form.get("not_before", ""), looking),
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{field}: {first['msg']}") from error
    except ValueError as error:
        raise InvalidInput("The language or time cannot be read.") from error


def _moment(value: str, looking: Viewer) -> datetime | None:
    """A local time of the community."""
    return datetime.fromisoformat(value).replace(tzinfo=looking.zone) if value else None


async def _page(
    request: Request,
    looking: Viewer,
    *,
    form: Mapping[str, str] | None = None,
    error: AppError | None = None,
) -> Response:
    page = await application_of(request).queries.posts(
        looking.community.id, cursor=request.query_params.get("cursor"), limit=PAGE
    )
    return pages_of(request).page(
        request,
        looking,
        "posts.html",
        http_status=status_of(error) if error else 200,
        rows=page.items,
        more=with_cursor(request, page.cursor),
        form=form or {"lang": looking.community.default_lang.value},
        error=error,
        asked="asked" in request.query_params,
    )
