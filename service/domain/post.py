"""Requests for community posts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from service.domain.base import Frozen, Instant, Lang
from service.domain.post_kind import MOST_FEED, ChannelFormat, FieldType

MOST_VARIANTS = 6


class PostVariant(Frozen):
    """One form of a post: what kind of channel it is for, and which."""

    format: ChannelFormat
    channel: str = Field("", max_length=200)


class PostBrief(Frozen):
    """What an editor asks for; `GET /v1/post-kinds` says what each kind takes."""

    kind: str = Field("announcement", max_length=64, description="Post kind.")
    lang: Lang = Lang.ZH
    title: str = Field(min_length=1, max_length=200)
    points: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = Field(
        (), max_length=20, description="What the post must say, one point each."
    )
    inputs: Mapping[str, Annotated[str, Field(max_length=MOST_FEED)]] = Field(
        default_factory=dict, max_length=40, description="Inputs of the kind, by name."
    )
    start: Instant | None = Field(None, description="Begin of the period, inclusive.")
    end: Instant | None = Field(None, description="End of the period, exclusive.")
    subject: str = Field("", max_length=200, description="What it is about, such as an event.")
    audience: str = Field("", max_length=200)
    tone: str = Field("", max_length=200, description="In place of the kind's own tone.")
    channel: str = Field("", max_length=200, description="Of the one draft; or name `variants`.")
    variants: tuple[PostVariant, ...] = Field(
        (),
        max_length=MOST_VARIANTS,
        description="One draft each, reviewed apart; none means the kind's usual form.",
    )
    max_chars: int | None = Field(None, ge=40, le=15_000, description="Longest text wanted.")
    not_before: Instant | None = Field(None, description="Do not deliver earlier than this.")

    @property
    def forms(self) -> tuple[PostVariant, ...]:
        """The variants, at least one."""
        usual = PostVariant(format=ChannelFormat.LONG, channel=self.channel)
        return self.variants or (usual,)


class PostRequest(Frozen):
    """A stored brief."""

    id: str
    community: str
    brief: PostBrief
    requested_by: str
    created_at: Instant

    def variants(self) -> tuple[tuple[str, PostVariant], ...]:
        """Each variant with the id of its first draft."""
        ids = (f"draft_{self.id}", *(f"draft_{self.id}_{n}" for n in range(2, MOST_VARIANTS + 1)))
        return tuple(zip(ids, self.brief.forms, strict=False))


class BriefValue(Frozen):
    """An input as a draft rests on it: redacted, with its label in the draft's language.

    `value` is the normal form (an ISO date, a choice's name), `shown` how a text says it.
    """

    name: str
    type: FieldType
    label: str
    value: str
    shown: str
