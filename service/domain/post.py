"""Requests for community posts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.domain.base import Frozen, Instant, Lang


class PostBrief(Frozen):
    """What an editor asks for."""

    kind: str = Field("announcement", description="Post kind; one template file each.")
    lang: Lang = Lang.ZH
    title: str = Field(min_length=1, max_length=200)
    points: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = Field(
        min_length=1, max_length=20, description="What the post must say, one point each."
    )
    audience: str = Field("", max_length=200)
    channel: str = Field("", max_length=200)
    not_before: Instant | None = Field(None, description="Do not deliver earlier than this.")


class PostRequest(Frozen):
    """A stored brief."""

    id: str
    community: str
    brief: PostBrief
    requested_by: str
    created_at: Instant
