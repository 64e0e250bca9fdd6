"""Rule, FAQ and fact documents, and searching them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from retrieval.types import DocumentKind
from service.domain.account import Actor, Scope
from service.domain.document import Document, RulesPolicy
from service.domain.evaluation import LONGEST_REASON
from service.flows.rules import Upload
from service.web.api.base import OVERRIDE, Body, documented
from service.web.guard import (
    ApiRoute,
    InCommunity,
    find_community,
    require,
    require_override,
)
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


class GateOfRules(RulesPolicy):
    """Whether a change of the community's rules waits for a comparison, and why."""

    why: str = Field(description="The same in words.")


class Uploaded(BaseModel):
    """The stored version, and clause ids that came, went or changed since the live one. A `staged`
    document is not in use yet: `evaluation` is the comparison it waits for."""

    document: Document
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    gate: GateOfRules
    evaluation: str | None = None


class Publishing(Body):
    """Put in use what is staged."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"override": "旧规则里的电话已经停用，等不及比对"}]}
    )

    override: str = OVERRIDE


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
    "/documents",
    status_code=201,
    responses=documented(404, body=True),
    summary="Upload a version",
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
    override: Annotated[
        str,
        Form(max_length=LONGEST_REASON, description="Why it goes live without a comparison."),
    ] = "",
) -> Uploaded:
    """Store a version; the same content again changes nothing. Where `gate.policy` is `required`,
    it is staged, its comparison is queued, and it goes live by itself once that passed. An
    administrator may put it live at once with an `override` of 10 to 500 characters, which is kept
    and shown."""
    past = require_override(actor, override)
    name, mime, data = await read_upload(file)
    given = Upload(name, data, mime, slug, kind)
    done = await application_of(request).rules.upload(
        community.id, given, by=actor.id, override=past
    )
    return Uploaded(
        document=done.document,
        added=tuple(sorted(done.changes.added)),
        changed=tuple(sorted(done.changes.changed)),
        removed=tuple(sorted(done.changes.removed)),
        gate=_gate(done.policy),
        evaluation=done.evaluation.id if done.evaluation else None,
    )


@router.get("/rules-gate", responses=documented(404), summary="Read the gate of rules")
async def gate(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.RULES_READ)],
) -> GateOfRules:
    """What holds for a change of the community's rules now, and why."""
    return _gate(await application_of(request).rules.policy(community.id))


@router.post(
    "/documents/{slug}/publish",
    responses=documented(404, 409, body=True),
    summary="Put a staged version in use",
)
async def publish(
    request: Request,
    slug: str,
    community: InCommunity,
    body: Publishing,
    actor: Annotated[Actor, require(Scope.RULES_WRITE)],
) -> Document:
    """Once its comparison with what is live passed (409 `not_compared` otherwise), or with an
    administrator's reason."""
    override = require_override(actor, body.override)
    rules = application_of(request).rules
    return await rules.publish(community.id, slug, by=actor.id, override=override)


@router.delete(
    "/documents/{slug}/staged",
    status_code=204,
    responses=documented(404),
    summary="Discard a staged version",
)
async def discard(
    request: Request,
    slug: str,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.RULES_WRITE)],
) -> None:
    """What is live stays."""
    await application_of(request).rules.discard(community.id, slug)


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
    "/documents/{slug}",
    status_code=204,
    responses=documented(404, 409),
    summary="Retire a document",
)
async def retire(
    request: Request,
    slug: str,
    community: InCommunity,
    actor: Annotated[Actor, require(Scope.RULES_WRITE)],
    override: Annotated[
        str,
        Query(max_length=LONGEST_REASON, description="Why it goes without a comparison."),
    ] = "",
) -> None:
    """Take it out of use; its versions stay readable in old drafts. Where a comparison is required,
    the rules without it must pass one first (`POST /v1/evaluations` with `retire`)."""
    past = require_override(actor, override)
    await application_of(request).rules.retire(community.id, slug, by=actor.id, override=past)


def _gate(policy: RulesPolicy) -> GateOfRules:
    return GateOfRules(**policy.model_dump(), why=policy.sentence)
