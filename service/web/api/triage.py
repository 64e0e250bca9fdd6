"""Judging texts without storing them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.domain.account import Actor, Scope
from service.domain.taxonomy import Taxonomy
from service.domain.triage import Judgement
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, find_community, require
from service.web.state import application_of

router = APIRouter(tags=["triage"], route_class=ApiRoute)

MAX_TEXTS = 100


class TriageRequest(Body):
    """Either one `text` or up to 100 `texts`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "同步又失败了，怎么办？"},
                {"texts": ["Export is broken", "谢谢管理员！"], "community": "zhujian"},
            ]
        }
    )

    text: str | None = None
    texts: list[str] | None = Field(None, min_length=1, max_length=MAX_TEXTS)

    community: str | None = Field(
        None, min_length=1, max_length=64, description="Judge as this community has taught it."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> TriageRequest:
        if (self.text is None) == (self.texts is None):
            raise ValueError("send either text or texts")
        return self

    @property
    def all(self) -> list[str]:
        """The texts to judge."""
        return self.texts if self.texts is not None else [self.text or ""]


class TriageAnswer(BaseModel):
    """One judgement a text, in order."""

    judgements: tuple[Judgement, ...]


@router.post(
    "/triage",
    responses=documented(404, body=True),
    summary="Judge texts without storing them",
)
async def judge(
    request: Request, body: TriageRequest, actor: Annotated[Actor, require(Scope.TRIAGE)]
) -> TriageAnswer:
    """Redaction, signals, categories with calibrated confidence or abstention, sentiment, route."""
    community = body.community or actor.community
    if community is not None:
        await find_community(request, actor, community)
    judgements = await application_of(request).triage.judge_texts(body.all, community)
    return TriageAnswer(judgements=judgements)


@router.get("/taxonomy", responses=documented(), summary="The categories")
async def taxonomy(request: Request, _: Annotated[Actor, require(None)]) -> Taxonomy:
    """Every category with titles, definitions, examples, owner and due time."""
    return application_of(request).taxonomy
