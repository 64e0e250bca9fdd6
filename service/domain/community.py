"""A community and how it wants to be served."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.domain.base import Bilingual, Frozen, Lang
from service.domain.channel import Channel

Host = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", max_length=253
    ),
]
"""A host name in lower case, with at least one dot."""


class Community(Frozen):
    """One community; everything else belongs to exactly one."""

    id: str
    name: Bilingual
    default_lang: Lang = Lang.ZH
    timezone: str = "Asia/Shanghai"
    tone: Bilingual = Bilingual(zh="", en="")
    delivery_url: str | None = None
    """Where approved replies and posts are sent; None keeps them in the outbox."""
    alert_url: str | None = None
    """Where the radar's notices are sent; they carry numbers, never a text for members."""
    staff: frozenset[str] = frozenset()
    """Authors who answer for the community; what they write is context, never a request."""
    partners: frozenset[str] = frozenset()
    """Authors known as partners; routing rules may ask for them."""
    ask_model: bool = True
    """Whether a configured model may be asked about what the heads leave open."""
    channels: tuple[Channel, ...] = ()
    """The community's own channels, with the platform each is on."""
    feed_hash: str | None = None
    """SHA-256 (hex) of the secret in the calendar feed's address; None while there is no feed."""
    link_allow: frozenset[Host] = frozenset()
    """Hosts a text may link to, their subdomains included; empty: whatever its sources link to."""
    ai_disclosure: Bilingual = Bilingual(zh="", en="")
    """What every text says of how it was drafted; empty: nothing."""
