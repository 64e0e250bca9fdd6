"""The approval policy: which drafts need a second person, which may be approved in bulk."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.approval import ApprovalPolicy, PolicyVersion
from service.flows.approvals import MAX_REASON
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, InCommunity, require
from service.web.state import application_of

router = APIRouter(prefix="/approval-policy", tags=["review"], route_class=ApiRoute)

Reader = Annotated[Actor, require(Scope.CASES_READ)]
Administrator = Annotated[Actor, require(Scope.ADMIN)]

_EXAMPLE: dict[str, Any] = {
    "policy": {
        "rules": [
            {
                "id": "crisis",
                "title": {"zh": "危机", "en": "Crisis"},
                "when": {"min_severity": 4},
                "approvals": 2,
            },
            {
                "id": "courtesies",
                "title": {"zh": "感谢", "en": "Thanks"},
                "when": {"categories": ["praise"], "max_severity": 1},
                "bulk": True,
            },
        ]
    },
    "reason": "退款改由客服组长复核",
    "seen": "shipped",
}


class PolicyInForce(BaseModel):
    """The policy that decides, and the id a change must name as `seen`."""

    version: str
    policy: ApprovalPolicy


class PolicyRequest(Body):
    """The whole policy, why it changes, and the version the change was made from."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    policy: ApprovalPolicy
    reason: str = Field(min_length=1, max_length=MAX_REASON)
    seen: str = Field(min_length=1, max_length=100)


@router.get("", responses=documented(404), summary="Read the approval policy")
async def current(request: Request, community: InCommunity, _: Reader) -> PolicyInForce:
    """The policy in force. No class of drafts is ever sent by itself."""
    policy, version = await application_of(request).approvals.current(community.id)
    return PolicyInForce(version=version, policy=policy)


@router.put("", responses=documented(404, 409, body=True), summary="Change the approval policy")
async def put(
    request: Request, community: InCommunity, body: PolicyRequest, actor: Administrator
) -> PolicyVersion:
    """A new version, in force at once, also for tasks that wait already."""
    return await application_of(request).approvals.put(
        community.id, body.policy, by=actor.id, reason=body.reason, seen=body.seen
    )


@router.get("/history", responses=documented(404), summary="List earlier policies")
async def history(
    request: Request,
    community: InCommunity,
    _: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> tuple[PolicyVersion, ...]:
    """Who changed the policy, when and why; newest first."""
    return await application_of(request).approvals.history(community.id, limit)
