"""API keys. A key bound to a community can only make and see keys of that community."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.bootstrap import Application
from service.domain.account import Actor, ApiKey, Scope
from service.errors import NotFound, NotPermitted
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, find_community, require
from service.web.state import application_of

router = APIRouter(prefix="/keys", tags=["keys"], route_class=ApiRoute)

Admin = Annotated[Actor, require(Scope.ADMIN)]


class NewKey(Body):
    """What the key may do, and where."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "bot", "scopes": ["messages:write"], "community": "zhujian"}]
        }
    )

    name: str = Field(min_length=1, max_length=100)
    scopes: list[Scope] = Field(min_length=1)
    community: str | None = Field(None, max_length=64, description="Null: every community.")
    expires_at: AwareDatetime | None = None


class Rotation(Body):
    """How long the old key lives on."""

    overlap_hours: float = Field(24, ge=0, le=24 * 30)


class KeyOut(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    community: str | None
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyOut:
        """What may be shown."""
        shown = key.model_dump(exclude={"secret_hash", "scopes"})
        return cls(**shown, scopes=tuple(sorted(key.scopes)))


class KeyWithSecret(BaseModel):
    """A fresh key; the secret is shown this once."""

    key: KeyOut
    secret: str


@router.get("", responses=documented(), summary="List keys")
async def keys(request: Request, actor: Admin) -> tuple[KeyOut, ...]:
    """Without secrets."""
    every = await application_of(request).accounts.keys()
    return tuple(KeyOut.of(key) for key in every if _visible(actor, key))


@router.post("", status_code=201, responses=documented(404, body=True), summary="Make a key")
async def make(request: Request, body: NewKey, actor: Admin) -> KeyWithSecret:
    """A key never has more than its maker: neither scopes nor communities."""
    if not set(body.scopes) <= actor.scopes or actor.community not in (None, body.community):
        raise NotPermitted("A key cannot give more than it has.")
    if body.community is not None:
        await find_community(request, actor, body.community)
    key, secret = await application_of(request).accounts.create_key(
        body.name, body.scopes, community=body.community, expires_at=body.expires_at
    )
    return KeyWithSecret(key=KeyOut.of(key), secret=secret)


@router.post(
    "/{key_id}/rotate",
    status_code=201,
    responses=documented(404, 409, body=True),
    summary="Replace a key",
)
async def rotate(request: Request, key_id: str, body: Rotation, actor: Admin) -> KeyWithSecret:
    """A successor with the same scopes; the old one ends after the overlap."""
    application = application_of(request)
    await _require(application, actor, key_id)
    key, secret = await application.accounts.rotate_key(
        key_id, overlap=timedelta(hours=body.overlap_hours)
    )
    return KeyWithSecret(key=KeyOut.of(key), secret=secret)


@router.delete("/{key_id}", status_code=204, responses=documented(404), summary="Revoke a key")
async def revoke(request: Request, key_id: str, actor: Admin) -> None:
    """It ends now."""
    application = application_of(request)
    await _require(application, actor, key_id)
    await application.accounts.revoke_key(key_id)


async def _require(application: Application, actor: Actor, key_id: str) -> None:
    for key in await application.accounts.keys():
        if key.id == key_id and _visible(actor, key):
            if not key.scopes <= actor.scopes:
                raise NotPermitted("This key holds more than yours.")
            return
    raise NotFound("There is no such key.")


def _visible(actor: Actor, key: ApiKey) -> bool:
    return actor.community in (None, key.community)
