"""What many cases are about, and what people make of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.base import Bilingual, Lang
from service.domain.theme import ThemeLevel, ThemeStatus
from service.domain.views import ThemeView
from service.errors import InvalidInput, NotFound
from service.flows.theme_desk import ThemePatch
from service.ports.jobs import Job
from service.ports.queries import ThemeFilter
from service.web.pages.links import with_cursor
from service.web.render import pages_of
from service.web.runs import queue_run
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/themes")

_GROWING = 2.0


@router.get("")
async def themes(request: Request, looking: Looking) -> Response:
    """Living themes, largest first, and the share of cases in none."""
    looking.require(Scope.CASES_READ)
    application, asked = application_of(request), request.query_params
    where = _filter(request)
    page = await application.queries.themes(
        looking.community.id,
        where,
        now=application.clock.now(),
        cursor=asked.get("cursor") or None,
    )
    runs = await application.queries.theme_runs(looking.community.id, limit=1)
    return pages_of(request).page(
        request,
        looking,
        "themes.html",
        rows=page.items,
        where=where,
        growing=where.min_growth is not None,
        more=with_cursor(request, page.cursor),
        run=runs.items[0] if runs.items else None,
        largest=max((row.size for row in page.items), default=1),
        queued="queued" in asked,
    )


@router.post("/run")
async def run(request: Request, looking: Looking) -> Response:
    """Queue a clustering."""
    looking.require(Scope.TRIAGE)
    await form_of(request, looking.session.id)
    await queue_run(request, Job.THEMES, looking.community.id)
    return RedirectResponse("/themes?queued=1", 303)


@router.get("/{theme_id}")
async def theme(request: Request, looking: Looking, theme_id: str) -> Response:
    """One theme: trend, samples, descent, and forms to change it."""
    looking.require(Scope.CASES_READ)
    view = await _view(request, looking, theme_id)
    application = application_of(request)
    where = ThemeFilter(min_authors=application.settings.themes.min_authors)
    others = await application.queries.themes(
        looking.community.id, where, now=application.clock.now(), limit=100
    )
    return pages_of(request).page(
        request,
        looking,
        "theme.html",
        view=view,
        row=view.row,
        given=view.given_name,
        statuses=tuple(ThemeStatus),
        others=[one for one in others.items if one.theme_id != theme_id and not one.hidden],
        saved=request.query_params.get("saved"),
    )


@router.post("/{theme_id}")
async def change(request: Request, looking: Looking, theme_id: str) -> Response:
    """Set name, owner and status."""
    looking.require(Scope.TRIAGE)
    form = await form_of(request, looking.session.id)
    await _view(request, looking, theme_id)
    patch = ThemePatch(
        name=_name(str(form.get("name_zh", "")), str(form.get("name_en", ""))),
        owner=str(form.get("owner", "")).strip()[:100] or None,
        status=_status(str(form.get("status", ""))) or ThemeStatus.OPEN,
    )
    await application_of(request).theme_desk.update(theme_id, looking.actor.id, patch)
    return RedirectResponse(f"/themes/{theme_id}?saved=changed", 303)


@router.post("/{theme_id}/merge")
async def merge(request: Request, looking: Looking, theme_id: str) -> Response:
    """Put another theme into this one."""
    looking.require(Scope.TRIAGE)
    form = await form_of(request, looking.session.id)
    other = str(form.get("other", ""))
    for one in (theme_id, other):
        await _view(request, looking, one)
    await application_of(request).theme_desk.merge(theme_id, [other], looking.actor.id)
    return RedirectResponse(f"/themes/{theme_id}?saved=merged", 303)


@router.post("/{theme_id}/notices")
async def notices(request: Request, looking: Looking, theme_id: str) -> Response:
    """Ask for drafts to everybody who raised a resolved theme."""
    looking.require(Scope.DRAFTS_WRITE)
    form = await form_of(request, looking.session.id)
    note, post = str(form.get("note", "")).strip()[:1000], "post" in form
    if post:
        looking.require(Scope.POSTS_WRITE)
    if not note:
        raise InvalidInput("Say what was done.")
    await _view(request, looking, theme_id)
    lang = Lang(looking.community.default_lang)
    await application_of(request).theme_desk.tell(
        theme_id,
        looking.actor.id,
        note=note,
        replies="replies" in form,
        post=lang if post else None,
    )
    return RedirectResponse(f"/themes/{theme_id}?saved=told", 303)


async def _view(request: Request, looking: Viewer, theme_id: str) -> ThemeView:
    application = application_of(request)
    found = await application.queries.theme(
        theme_id,
        now=application.clock.now(),
        min_authors=application.settings.themes.min_authors,
    )
    if found is None or found.community != looking.community.id:
        raise NotFound("There is no such theme.")
    return found


def _filter(request: Request) -> ThemeFilter:
    asked = request.query_params
    topics = asked.get("level") == ThemeLevel.TOPIC
    return ThemeFilter(
        status=_status(asked.get("status", "")),
        level=ThemeLevel.TOPIC if topics else ThemeLevel.THEME,
        min_growth=_GROWING if "growing" in asked else None,
        min_authors=application_of(request).settings.themes.min_authors,
    )


def _status(value: str) -> ThemeStatus | None:
    return ThemeStatus(value) if value in set(ThemeStatus) else None


def _name(zh: str, en: str) -> Bilingual | None:
    """A name given in one language stands for both."""
    zh, en = zh.strip()[:100], en.strip()[:100]
    return Bilingual(zh=zh or en, en=en or zh) if zh or en else None
