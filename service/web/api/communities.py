"""Communities."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Path, Request
from pydantic import AnyHttpUrl, ConfigDict, Field, field_validator

from service.domain.account import Actor, Scope
from service.domain.base import Bilingual, Lang
from service.domain.channel import Channel
from service.domain.community import Community, Host
from service.drafting.platforms import known_channels
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/communities", tags=["communities"], route_class=ApiRoute)

CommunityId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]


class Disclosure(Body):
    """One sentence in both languages."""

    zh: str = Field("", max_length=300)
    en: str = Field("", max_length=300)


class CommunitySettings(Body):
    """Everything of a community but its id."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": {"zh": "竹简笔记", "en": "Zhujian Notes"}}]}
    )

    name: Bilingual
    default_lang: Lang = Lang.ZH
    timezone: str = Field("Asia/Shanghai", max_length=64)
    tone: Bilingual = Bilingual(zh="", en="")
    delivery_url: AnyHttpUrl | None = None
    alert_url: AnyHttpUrl | None = Field(
        None, description="Where the radar's notices go; they carry numbers, no text."
    )
    staff: frozenset[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        frozenset(), max_length=1000, description="Authors who answer for the community."
    )
    partners: frozenset[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        frozenset(), max_length=1000, description="Authors known as partners."
    )
    channels: tuple[Channel, ...] = Field(
        (), max_length=50, description="Its channels, each with its platform and quiet hours."
    )
    ask_model: bool = Field(
        True, description="Whether a configured model may label what the heads leave open."
    )

    link_allow: frozenset[Host] = Field(
        frozenset(),
        max_length=200,
        description="Hosts texts may link to, subdomains included; empty: any link of a clause.",
    )
    ai_disclosure: Disclosure = Field(
        Disclosure(), description="What every text says of how it was drafted; empty: nothing."
    )

    @field_validator("channels")
    @classmethod
    def _on_known_platforms(cls, value: tuple[Channel, ...]) -> tuple[Channel, ...]:
        return known_channels(value)

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("unknown time zone")
        return value


@router.get("/{community_id}", responses=documented(404), summary="Read a community")
async def read(
    request: Request,
    community_id: CommunityId,
    actor: Annotated[Actor, require(Scope.CASES_READ)],
) -> Community:
    """Names, language, tone, receiver."""
    return await find_community(request, actor, community_id)


@router.put(
    "/{community_id}", responses=documented(404, body=True), summary="Create or change a community"
)
async def save(
    request: Request,
    community_id: CommunityId,
    body: CommunitySettings,
    actor: Annotated[Actor, require(Scope.ADMIN)],
) -> Community:
    """Create it, or replace its settings."""
    own(actor, community_id, "community")
    given = body.model_dump(mode="json")
    async with application_of(request).uow() as uow:
        former = await uow.communities.get(community_id)
        kept = {"feed_hash": former.feed_hash if former else None}
        community = Community.model_validate({"id": community_id} | given | kept)
        await uow.communities.save(community)
        await uow.commit()
    return community
