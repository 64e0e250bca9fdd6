"""Prompts under version: what is asked, which version is used, who moved it and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.evaluation import Subject, SubjectKind
from service.domain.prompt import FIGURE_DAYS, LabelMove, PromptLabel, PromptSplit, PromptState
from service.errors import AppError, Conflict, InvalidInput
from service.flows.prompt_desk import Place, Word
from service.web.pages.gate_view import prompt_doors, ways_in
from service.web.pages.links import query_without, with_cursor
from service.web.pages.people import names
from service.web.pages.previews import start
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/prompts")

PAGE = 20
EVENTS = 40
EVERYBODY = "everybody"
"""Value of the field that says for whom a label is moved."""


class Line(NamedTuple):
    """A line of a diff; `sign` is +, - or blank."""

    sign: str
    text: str


@router.get("")
async def prompts(request: Request, looking: Looking) -> Response:
    """Every prompt with the version in use."""
    looking.require(Scope.CASES_READ)
    states = await application_of(request).prompt_views.states(looking.community.id)
    return pages_of(request).page(request, looking, "prompts.html", rows=states)


@router.get("/{kind}/{name}")
async def prompt(request: Request, kind: str, name: str, looking: Looking) -> Response:
    """One prompt: versions, a text or a comparison, history."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking, f"{kind}/{name}")


@router.post("/{kind}/{name}/versions")
async def propose(request: Request, kind: str, name: str, looking: Looking) -> Response:
    """Store a text as a new version."""
    looking.require(Scope.PROMPTS_WRITE)
    form = await form_of(request, looking.session.id)
    template, text = f"{kind}/{name}", form.get("text", "")
    said = Word(looking.user.id, form.get("note", ""))
    try:
        done = await application_of(request).prompt_desk.propose(template, text, said)
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, template, error, text=text)
    word = "added" if done.added else "known"
    return RedirectResponse(f"/prompts/{template}?{word}={done.version.number}", 303)


@router.post("/{kind}/{name}/labels")
async def move(request: Request, kind: str, name: str, looking: Looking) -> Response:
    """Move a label, or take it away."""
    return await _change(request, looking, f"{kind}/{name}", "labels")


@router.post("/{kind}/{name}/compare")
async def compare(request: Request, kind: str, name: str, looking: Looking) -> Response:
    """Compare a version with production, or replay it on the community's own cases."""
    looking.require(Scope.PROMPTS_WRITE)
    form, template = await form_of(request, looking.session.id), f"{kind}/{name}"
    application, community = application_of(request), _reach(looking, form)
    try:
        version = _number(form.get("version", ""))
        trial = await application.prompt_desk.trial(template, version or 0, community)
        if "preview" in form:
            return await start(request, looking, trial, form)
        done = await application.evaluations.request(trial, by=looking.user.id)
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, template, error)
    return RedirectResponse(f"/evaluations/{done.evaluation.id}", 303)


@router.post("/{kind}/{name}/rollback")
async def rollback(request: Request, kind: str, name: str, looking: Looking) -> Response:
    """Take the last move of a label back."""
    return await _change(request, looking, f"{kind}/{name}", "rollback")


@router.post("/{kind}/{name}/split")
async def split(request: Request, kind: str, name: str, looking: Looking) -> Response:
    """Give a share of the cases the candidate."""
    return await _change(request, looking, f"{kind}/{name}", "split")


async def _change(request: Request, looking: Viewer, template: str, what: str) -> Response:
    looking.require(Scope.PROMPTS_WRITE)
    form = await form_of(request, looking.session.id)
    try:
        await _do(request, looking, template, what, form)
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, template, error)
    return RedirectResponse(f"/prompts/{template}?moved=1", 303)


async def _do(
    request: Request, looking: Viewer, template: str, what: str, form: dict[str, str]
) -> None:
    override = form.get("override", "").strip()
    if override:
        looking.require(Scope.ADMIN)
    said = Word(looking.user.id, form.get("reason", ""), override)
    desk, community = application_of(request).prompt_desk, _reach(looking, form)
    if what == "split":
        share = _number(form.get("percent", ""))
        await desk.split(template, community, -1 if share is None else share, said)
        return
    place = Place(template, _label(form.get("label", "")), community)
    version = _number(form.get("version", ""))
    if what == "rollback":
        await desk.rollback(place, version, said)
    else:
        await desk.move(place, version, said)


def _reach(looking: Viewer, form: dict[str, str]) -> str | None:
    """For whom; every community is for administrators."""
    if form.get("scope") != EVERYBODY:
        return looking.community.id
    looking.require(Scope.ADMIN)
    return None


def _label(given: str) -> PromptLabel:
    if given not in list(PromptLabel):
        raise InvalidInput("There is no such label.")
    return PromptLabel(given)


def _number(given: str) -> int | None:
    """A number of a form; None where the field was left empty."""
    plain = given.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) < 7):
        raise InvalidInput("This is no number.")
    return int(plain)


async def _page(
    request: Request, looking: Viewer, template: str, error: AppError | None = None, text: str = ""
) -> Response:
    application, community = application_of(request), looking.community.id
    views, queries, asked = application.prompt_views, application.queries, request.query_params
    state = await views.state(template, community)
    since = application.clock.now() - timedelta(days=FIGURE_DAYS)
    cursor = asked.get("cursor") if request.method == "GET" else None
    page = await queries.prompt_versions(template, cursor=cursor, limit=PAGE)
    shown = _asked(asked.get("show")) or state.production
    return pages_of(request).page(
        request,
        looking,
        "prompt.html",
        http_status=status_of(error) if error else 200,
        error=error,
        state=state,
        versions=page.items,
        figures={
            one.version: one
            for one in await queries.prompt_figures(template, community, since=since)
        },
        shown=await views.version(template, shown),
        compared=await _compared(request, state),
        text=text,
        tracks=await views.tracks(template, community),
        events=await _events(request, template, community),
        labels=tuple(PromptLabel),
        doors=await prompt_doors(request, looking, template, shown),
        ways=await ways_in(request, community, Subject(kind=SubjectKind.PROMPT, name=template)),
        required=application.settings.gate.prompt == "required",
        said={word: _asked(asked.get(word)) for word in ("added", "known", "moved")},
        names=await names(request),
        more=with_cursor(request, page.cursor),
        first=query_without(request, "cursor") if cursor else None,
    )


async def _compared(
    request: Request, state: PromptState
) -> tuple[int, int, tuple[Line, ...]] | None:
    """The two versions that are asked for, and the lines of their diff."""
    new = _asked(request.query_params.get("new"))
    if new is None:
        return None
    old = _asked(request.query_params.get("old")) or state.production
    found = await application_of(request).prompt_views.diff(state.template, old, new)
    return old, new, tuple(_lines(found))


def _lines(diff: str) -> Iterator[Line]:
    for line in diff.splitlines():
        named = line.startswith(("--- ", "+++ ")) and "@" in line
        yield Line("" if named or line[:1] not in "+-" else line[:1], line)


async def _events(request: Request, template: str, community: str) -> list[LabelMove | PromptSplit]:
    """Moves and splits, newest first."""
    queries = application_of(request).queries
    moves = await queries.prompt_moves(template, community, limit=EVENTS)
    splits = await queries.prompt_splits(template, community, limit=EVENTS)
    events: list[LabelMove | PromptSplit] = [*moves.items, *splits.items]
    return sorted(events, key=lambda one: (one.at, one.id), reverse=True)[:EVENTS]


def _asked(given: str | None) -> int | None:
    plain = given is not None and given.isascii() and given.isdigit() and len(given) < 7
    return int(given) if given is not None and plain else None
