"""Rule documents: read, upload, publish, retire."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from retrieval.corpus import safe_slug
from retrieval.types import DocumentKind
from service.domain.account import Scope
from service.domain.document import Document, DocumentStatus
from service.domain.evaluation import Promotion, SubjectKind, Trial
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.flows.rules import Upload
from service.web.pages.gate_view import Door, door, overriding
from service.web.pages.previews import start
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.uploads import read_upload
from service.web.viewer import Looking, Viewer, form_of, raw_form

router = APIRouter(prefix="/documents")


@router.get("")
async def documents(request: Request, looking: Looking) -> Response:
    """Live documents and, below, every earlier version."""
    looking.require(Scope.RULES_READ)
    return await _list(request, looking)


@router.post("")
async def upload(request: Request, looking: Looking) -> Response:
    """Store a new version; it is live, or staged until its comparison passed. Or replay it
    on the community's own cases first."""
    looking.require(Scope.RULES_WRITE)
    form = await raw_form(request, looking.session.id)
    kind, slug = form.get("kind"), str(form.get("slug") or "").strip()
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput("Choose a file that is not empty.")
        name, mime, data = await read_upload(file)
        given = Upload(
            filename=name,
            data=data,
            mime=mime,
            slug=safe_slug(slug) if slug else None,
            kind=DocumentKind(kind) if kind in list(DocumentKind) else None,
        )
        if "preview" in form:
            trial = await application_of(request).rules.replay_of(looking.community.id, given)
            return await start(request, looking, trial, _texts(form))
        override = overriding(looking, str(form.get("override") or ""))
        done = await application_of(request).rules.upload(
            looking.community.id, given, by=looking.user.id, override=override
        )
    except (Conflict, InvalidInput) as error:
        return await _list(request, looking, error)
    staged = done.document.status is DocumentStatus.STAGED
    place = "/documents?staged=1" if staged else f"/documents/{done.document.slug}"
    return RedirectResponse(place, 303)


@router.get("/{slug}")
async def read(request: Request, slug: str, looking: Looking) -> Response:
    """The live version, clause by clause."""
    looking.require(Scope.RULES_READ)
    document, clauses = await application_of(request).rules.get(looking.community.id, slug)
    return pages_of(request).page(
        request, looking, "document.html", document=document, clauses=clauses
    )


@router.post("/{slug}/publish")
async def publish(request: Request, slug: str, looking: Looking) -> Response:
    """Compare or replay the staged version, put it in use, or let go of it."""
    looking.require(Scope.RULES_WRITE)
    form = await form_of(request, looking.session.id)
    rules, community = application_of(request).rules, looking.community.id
    try:
        if "compare" in form:
            return await _compare(request, looking, await rules.trial(community, slug))
        if "preview" in form:
            return await start(request, looking, await rules.trial(community, slug), form)
        if "discard" in form:
            await rules.discard(community, slug)
            return RedirectResponse("/documents", 303)
        override = overriding(looking, form.get("override", ""))
        await rules.publish(community, slug, by=looking.user.id, override=override)
    except (Conflict, InvalidInput) as error:
        return await _list(request, looking, error)
    return RedirectResponse(f"/documents/{slug}", 303)


@router.post("/{slug}/retire")
async def retire(request: Request, slug: str, looking: Looking) -> Response:
    """Take a document out of use, or compare or replay the rules without it."""
    looking.require(Scope.RULES_WRITE)
    form = await form_of(request, looking.session.id)
    rules, community = application_of(request).rules, looking.community.id
    try:
        if "compare" in form:
            return await _compare(request, looking, await rules.trial_without(community, slug))
        if "preview" in form:
            trial = await rules.replay_without(community, slug)
            return await start(request, looking, trial, form)
        override = overriding(looking, form.get("override", ""))
        await rules.retire(community, slug, by=looking.user.id, override=override)
    except (Conflict, InvalidInput) as error:
        return await _list(request, looking, error)
    return RedirectResponse("/documents", 303)


def _texts(form: FormData) -> Mapping[str, str]:
    """The fields of a form without its file."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _compare(request: Request, looking: Viewer, trial: Trial) -> Response:
    done = await application_of(request).evaluations.request(trial, by=looking.user.id)
    return RedirectResponse(f"/evaluations/{done.evaluation.id}", 303)


async def _list(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    application = application_of(request)
    history = await application.rules.history(looking.community.id)
    return pages_of(request).page(
        request,
        looking,
        "documents.html",
        http_status=status_of(error) if error else 200,
        live=await application.queries.documents(looking.community.id),
        staged=await _staged(request, looking.community.id, history),
        history=tuple(one for one in history if one.status not in ("live", "staged")),
        gate=await application.rules.policy(looking.community.id),
        held="staged" in request.query_params,
        kinds=tuple(DocumentKind),
        ways=await _ways(request, looking.community.id),
        error=error,
    )


async def _staged(
    request: Request, community: str, history: tuple[Document, ...]
) -> tuple[tuple[Document, Door], ...]:
    """What waits, each with its comparison."""
    rules, found = application_of(request).rules, []
    for one in history:
        if one.status is DocumentStatus.STAGED:
            with suppress(NotFound):  # put in use or discarded meanwhile
                found.append((one, await door(request, await rules.trial(community, one.slug))))
    return tuple(found)


async def _ways(request: Request, community: str) -> Mapping[tuple[str, str], Promotion]:
    """How each version of a document came into use, by slug and version."""
    page = await application_of(request).queries.promotions(
        community, kind=SubjectKind.RULES, limit=200
    )
    return {(one.name, one.version): one for one in reversed(page.items)}
