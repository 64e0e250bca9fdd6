"""The way in, the switches of language and community, the list of keys."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.base import Lang
from service.web.render import pages_of
from service.web.viewer import (
    COMMUNITY_COOKIE,
    LANG_COOKIE,
    Looking,
    cookie_header,
    form_of,
    require_same_origin,
)

router = APIRouter()

YEAR_S = 365 * 24 * 3600


@router.get("/")
async def home() -> Response:
    """Work begins at the queue."""
    return RedirectResponse("/queue", 303)


@router.get("/help")
async def keys(request: Request, looking: Looking) -> Response:
    """Every key."""
    return pages_of(request).page(request, looking, "help.html")


@router.post("/language")
async def language(request: Request) -> Response:
    """Remember a language; also before logging in, so without a form token."""
    require_same_origin(request)
    form = await request.form(max_files=0, max_fields=4)
    lang = form.get("lang")
    response = RedirectResponse(safe_path(form.get("back")), 303)
    if lang in list(Lang):
        header = cookie_header(request, LANG_COOKIE, str(lang), YEAR_S)
        response.headers.append("Set-Cookie", header)
    return response


@router.post("/community")
async def community(request: Request, looking: Looking) -> Response:
    """Look at another community."""
    form = await form_of(request, looking.session.id)
    picked = looking.within(form.get("community", ""))
    response = RedirectResponse("/queue", 303)
    response.headers.append(
        "Set-Cookie", cookie_header(request, COMMUNITY_COOKIE, picked.id, YEAR_S)
    )
    return response


def safe_path(value: object) -> str:
    """A path on this site, or the queue: what a form or link names may lead nowhere else."""
    path = str(value or "")
    plain = path.isprintable() and path.isascii() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/queue"
