"""Rule documents: read, upload, retire."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from retrieval.corpus import safe_slug
from retrieval.types import DocumentKind
from service.domain.account import Scope
from service.domain.evaluation import Promotion, SubjectKind
from service.errors import AppError, InvalidInput
from service.flows.rules import Upload
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
    """Store a new version."""
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
        document, _ = await application_of(request).rules.upload(
            looking.community.id, given, by=looking.user.id
        )
    except InvalidInput as error:
        return await _list(request, looking, error)
    return RedirectResponse(f"/documents/{document.slug}", 303)


@router.get("/{slug}")
async def read(request: Request, slug: str, looking: Looking) -> Response:
    """The live version, clause by clause."""
    looking.require(Scope.RULES_READ)
    document, clauses = await application_of(request).rules.get(looking.community.id, slug)
    return pages_of(request).page(
        request, looking, "document.html", document=document, clauses=clauses
    )


@router.post("/{slug}/retire")
async def retire(request: Request, slug: str, looking: Looking) -> Response:
    """Take a document out of use."""
    looking.require(Scope.RULES_WRITE)
    await form_of(request, looking.session.id)
    await application_of(request).rules.retire(looking.community.id, slug)
    return RedirectResponse("/documents", 303)


async def _list(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    application = application_of(request)
    history = await application.rules.history(looking.community.id)
    return pages_of(request).page(
        request,
        looking,
        "documents.html",
        http_status=status_of(error) if error else 200,
        live=await application.queries.documents(looking.community.id),
        history=tuple(one for one in history if one.status != "live"),
        kinds=tuple(DocumentKind),
        ways=await _ways(request, looking.community.id),
        error=error,
    )


async def _ways(request: Request, community: str) -> Mapping[tuple[str, str], Promotion]:
    """How each version of a document came into use, by slug and version."""
    page = await application_of(request).queries.promotions(
        community, kind=SubjectKind.RULES, limit=200
    )
    return {(one.name, one.version): one for one in reversed(page.items)}
