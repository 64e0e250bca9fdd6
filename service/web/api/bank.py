"""Managed terms of the phrase bank: list, add, import, retire."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.bank import BankTerm, TermDraft, TermKind, TermStatus
from service.domain.views import Page
from service.errors import NotFound, NotPermitted
from service.ports.queries import TermFilter
from service.triage.bank_terms import TermFormat
from service.web.api.base import OVERRIDE, Body, Cursor, Limit, documented
from service.web.guard import (
    ApiRoute,
    InCommunity,
    own,
    require,
    require_override,
    require_reach,
)
from service.web.state import application_of

router = APIRouter(prefix="/bank", tags=["bank"], route_class=ApiRoute)

Keeper = Annotated[Actor, require(Scope.BANK_WRITE)]
_COMMUNITY = Field(None, min_length=1, max_length=64, description="Left out: every community.")
_LONGEST_FILE = 500_000


class NewTerms(Body):
    """Terms to put in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "community": "zhujian",
                    "terms": [
                        {"phrase": "堵门 ~ 讨说法", "kind": "severity", "floor": 3, "code": "mob"},
                        {"phrase": "低价代充", "kind": "spam", "code": "resale"},
                    ],
                }
            ]
        }
    )

    community: str | None = _COMMUNITY
    terms: list[TermDraft] = Field(min_length=1, max_length=1000)
    override: str = OVERRIDE


class TermFile(Body):
    """A file of terms; what its lines leave out is said beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "community": "zhujian",
                    "format": "lines",
                    "content": "堵门讨说法\n拉横幅\n",
                    "kind": "severity",
                    "floor": 3,
                    "code": "mob",
                }
            ]
        }
    )

    community: str | None = _COMMUNITY
    format: TermFormat = TermFormat.LINES
    content: str = Field(min_length=1, max_length=_LONGEST_FILE)
    kind: TermKind = TermKind.SEVERITY
    floor: int | None = Field(None, ge=1, le=4, description="3 for severity terms if left out.")
    code: str = Field("managed", pattern="^[a-z][a-z_]{0,39}$")
    category: str | None = Field(None, min_length=1, max_length=64)
    override: str = OVERRIDE

    def like(self) -> TermDraft:
        """What a line that says nothing else means."""
        grave = self.kind is TermKind.SEVERITY
        return TermDraft(
            phrase="--",
            kind=self.kind,
            code=self.code,
            floor=(self.floor or 3) if grave else None,
            category=self.category,
        )


class Why(Body):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Too many false hits."}]})

    reason: str = Field(min_length=1, max_length=500)
    override: str = OVERRIDE


class TermsAdded(BaseModel):
    """How many are new and how many were there; `version` names the set now in force."""

    added: int
    known: int
    version: str


@router.get("", responses=documented(404), summary="List terms")
async def terms(
    request: Request,
    community: InCommunity,
    _: Annotated[Actor, require(Scope.CASES_READ)],
    status: TermStatus | None = None,
    kind: TermKind | None = None,
    code: Annotated[str | None, Query(max_length=40)] = None,
    text: Annotated[str, Query(max_length=200, description="Substring of the phrase.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BankTerm]:
    """Terms that pass every filter, newest first: the community's own and shared ones."""
    where = TermFilter(status=status, kind=kind, code=code, text=text)
    queries = application_of(request).queries
    return await queries.bank_terms(community.id, where, cursor=cursor, limit=limit)


@router.post("", status_code=201, responses=documented(404, 409, body=True), summary="Add terms")
async def add(request: Request, body: NewTerms, actor: Keeper) -> TermsAdded:
    """Every process judges by them within seconds. Terms that are there already are left alone, so
    the call can be repeated. New ones need a passing comparison with the terms in force (409
    `not_compared` otherwise, see `POST /v1/evaluations`)."""
    await require_reach(request, actor, body.community)
    done = await application_of(request).bank.add(
        body.community, body.terms, by=actor.id, override=require_override(actor, body.override)
    )
    return TermsAdded(**done._asdict())


@router.post(
    "/import", status_code=201, responses=documented(404, 409, body=True), summary="Import terms"
)
async def load(request: Request, body: TermFile, actor: Keeper) -> TermsAdded:
    """A phrase a line, CSV with a header, or TOML like the shipped bank. All or nothing."""
    await require_reach(request, actor, body.community)
    done = await application_of(request).bank.load(
        body.community,
        body.content,
        body.format,
        body.like(),
        by=actor.id,
        override=require_override(actor, body.override),
    )
    return TermsAdded(**done._asdict())


@router.post(
    "/{term_id}/retire", responses=documented(404, 409, body=True), summary="Retire a term"
)
async def retire(request: Request, term_id: str, body: Why, actor: Keeper) -> BankTerm:
    """Out of use within seconds; the severities it raised stay."""
    async with application_of(request).uow() as uow:
        term = await uow.bank.get(term_id)
    if term is None:
        raise NotFound("There is no such term.")
    if term.community is not None:
        own(actor, term.community, "term")
    elif actor.community is not None:
        raise NotPermitted("This term is shared by every community.")
    override = require_override(actor, body.override)
    return await application_of(request).bank.retire(
        term_id, by=actor.id, reason=body.reason, override=override
    )
