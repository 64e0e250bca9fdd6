"""Rule, FAQ and fact documents, and searching them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from retrieval.types import DocumentKind
from service.domain.account import Actor, Scope
from service.domain.document import Document
from service.flows.rules import Upload
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, InCommunity, find_community, require
from service.web.state import application_of
from service.web.uploads import read_upload

router = APIRouter(tags=["rules"], route_class=ApiRoute)

SLUG = r"^[a-z0-9\u4e00-\u9fff-]{1,64}$"


class ClauseOut(BaseModel):
    """One citable clause."""

    id: str
    number: str
    headings: tuple[str, ...]
    text: str
    lang: str
    kind: DocumentKind
    version: int


class DocumentDetail(BaseModel):
    """The live version with its clauses."""

    document: Document
    clauses: tuple[ClauseOut, ...]


class Uploaded(BaseModel):
    """The stored version, and clause ids that came, went or changed since the one before."""

    document: Document
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class SearchRequest(Body):
    """What to look for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"community": "zhujian", "text": "会员能退款吗？"}]}
    )

    community: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=2000)


class Found(BaseModel):
    """A clause with its fused score and the two behind it."""

    clause: ClauseOut
    score: float
    dense_score: float | None
    lexical_score: float | None


class SearchAnswer(BaseModel):
    """`found` is false when nothing passes the calibrated threshold: no rule answers this."""

    found: bool
    confidence: float
    passages: tuple[Found, ...]


@router.post("/search", responses=documented(404, body=True), summary="Find the rule")
async def search(
    request: Request, body: SearchRequest, actor: Annotated[Actor, require(Scope.RULES_READ)]
) -> SearchAnswer:
    """Hybrid search over the community's live clauses."""
    community = await find_community(request, actor, body.community)
    application = application_of(request)
    answer = await application.search.search(
        community.id, application.redactor.redact(body.text).text
    )
    return SearchAnswer.model_validate(answer, from_attributes=True)


@router.get("/documents", responses=documented(404), summary="List documents")
async def documents(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.RULES_READ)],
    history: Annotated[bool, Query(description="Earlier and retired versions too.")] = False,
) -> tuple[Document, ...]:
    """Live documents, or every version."""
    application = application_of(request)
    if history:
        return await application.rules.history(community.id)
    return await application.queries.documents(community.id)


@router.post(
    "/documents", status_code=201, responses=documented(404, body=True), summary="Upload a version"
)
async def upload(
    request: Request,
    community: InCommunity,
    actor: Annotated[Actor, require(Scope.RULES_WRITE)],
    file: Annotated[UploadFile, File(description="Markdown, text, HTML, DOCX or PDF.")],
    slug: Annotated[
        str | None, Form(pattern=SLUG, description="Defaults to the file's own.")
    ] = None,
    kind: Annotated[DocumentKind | None, Form()] = None,
) -> Uploaded:
    """Store a version; the same content again changes nothing."""
    name, mime, data = await read_upload(file)
    given = Upload(name, data, mime, slug, kind)
    document, changes = await application_of(request).rules.upload(community.id, given, by=actor.id)
    return Uploaded(
        document=document,
        added=tuple(sorted(changes.added)),
        changed=tuple(sorted(changes.changed)),
        removed=tuple(sorted(changes.removed)),
    )


@router.get("/documents/{slug}", responses=documented(404), summary="Read a document")
async def read(
    request: Request,
    slug: str,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.RULES_READ)],
) -> DocumentDetail:
    """The live version and its clauses in order."""
    document, clauses = await application_of(request).rules.get(community.id, slug)
    shown = tuple(ClauseOut.model_validate(c, from_attributes=True) for c in clauses)
    return DocumentDetail(document=document, clauses=shown)


@router.delete(
    "/documents/{slug}", status_code=204, responses=documented(404), summary="Retire a document"
)
async def retire(
    request: Request,
    slug: str,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.RULES_WRITE)],
) -> None:
    """Take it out of use; its versions stay readable in old drafts."""
    await application_of(request).rules.retire(community.id, slug)
