"""Two drafts of the same messages as the page and the API show them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from service.bootstrap import Application
from service.domain.draft import Draft, Finding, Origin, Revision, TemplateRef
from service.flows.compare import Option, Pair
from service.web.worddiff import Piece, differences


class Side(BaseModel):
    """One draft: its newest text, in pieces, with what the checks say of it."""

    draft: Draft
    revision: Revision
    pieces: tuple[Piece, ...] = Field(
        description="The text as pairs: a stretch, and whether the other draft reads otherwise."
    )
    findings: tuple[Finding, ...]
    template: TemplateRef
    instruction: str
    """What a reviewer asked for."""


class Comparison(BaseModel):
    """A draft beside the one it took the place of."""

    older: Side
    newer: Side
    same: Literal["model", "template"] | None = Field(
        description="Set where both texts are the same: `template` where no model wrote either."
    )


async def comparison_of(application: Application, pair: Pair) -> Comparison:
    """Work it out."""
    older, newer = differences(pair.older.newest.text, pair.newer.newest.text)
    return Comparison(
        older=await _side(application, pair.older, older),
        newer=await _side(application, pair.newer, newer),
        same=_same(pair),
    )


async def _side(application: Application, option: Option, pieces: tuple[Piece, ...]) -> Side:
    draft, context, newest = option
    looked = await application.review.look(draft, context, newest.text)
    return Side(
        draft=draft,
        revision=newest,
        pieces=pieces,
        findings=looked.findings,
        template=context.template,
        instruction=context.instruction,
    )


def _same(pair: Pair) -> Literal["model", "template"] | None:
    if pair.older.newest.text != pair.newer.newest.text:
        return None
    origins = {one.draft.composition.origin for one in pair}
    return "template" if origins == {Origin.TEMPLATE} else "model"
