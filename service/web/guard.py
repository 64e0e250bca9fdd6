"""What every API request passes before its body is read: key, rate, media type."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from email.message import Message as MimeHeader
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.domain.account import Actor, Scope
from service.domain.community import Community
from service.errors import NotAuthenticated, NotFound, NotPermitted
from service.web.limiter import Limiter
from service.web.problems import UnsupportedMedia
from service.web.state import application_of, client_address, limiter_of

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="An API key: `Authorization: Bearer hy_…`"
)

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """Authenticates before a byte of the body is read, so that strangers cannot make us work."""

    def get_route_handler(self) -> _Handler:
        """The handler behind the guard."""
        inner, accepted = super().get_route_handler(), _accepted(self)

        async def guarded(request: Request) -> Response:
            request.state.actor = await _authenticate(request)
            _require_media(request, accepted)
            return await inner(request)

        return guarded


def require(scope: Scope | None) -> Any:
    """A dependency: the actor, who must hold `scope` (None: any valid key).

    Raises:
        NotPermitted: the key lacks the scope.
    """

    async def actor(
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None,
    ) -> Actor:
        known: Actor = request.state.actor
        if scope is not None and scope not in known.scopes:
            raise NotPermitted(f"This needs the scope {scope.value!r}.", scope=scope.value)
        return known

    return Depends(actor)


async def community_of(
    request: Request,
    community: Annotated[str, Query(min_length=1, max_length=64, examples=["zhujian"])],
) -> Community:
    """The community a list is asked for.

    Raises:
        NotPermitted: the key belongs to another community.
        NotFound: there is none.
    """
    return await find_community(request, request.state.actor, community)


async def find_community(request: Request, actor: Actor, community: str) -> Community:
    """The community, if the actor may see it.

    Raises:
        NotPermitted, NotFound.
    """
    if actor.community not in (None, community):
        raise NotPermitted("This key belongs to another community.")
    async with application_of(request).uow() as uow:
        found = await uow.communities.get(community)
    if found is None:
        raise NotFound("There is no such community.")
    return found


async def require_reach(request: Request, actor: Actor, community: str | None) -> None:
    """Refuse a change that reaches further than the actor; None: every community.

    Raises:
        NotPermitted, NotFound.
    """
    if community is not None:
        await find_community(request, actor, community)
    elif actor.community is not None:
        raise NotPermitted("This key belongs to one community; name it.")


def require_override(actor: Actor, override: str) -> str:
    """The reason to go past the gate, from an administrator.

    Raises:
        NotPermitted: somebody else gives one.
    """
    if override and Scope.ADMIN not in actor.scopes:
        raise NotPermitted("Only an administrator goes past the gate.", scope=Scope.ADMIN.value)
    return override


def own(actor: Actor, community: str, what: str) -> None:
    """Hide what belongs to another community.

    Raises:
        NotFound: as if it did not exist.
    """
    if actor.community not in (None, community):
        raise NotFound(f"There is no such {what}.")


InCommunity = Annotated[Community, Depends(community_of)]


async def _authenticate(request: Request) -> Actor:
    limiter, address = limiter_of(request), client_address(request)
    await limiter.require_patience(address)
    try:
        actor = await _actor(request)
    except NotAuthenticated:
        await limiter.refused_key(address)
        raise
    await _count(request, limiter, actor)
    return actor


async def _actor(request: Request) -> Actor:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.startswith("hy_"):
        raise NotAuthenticated("Send an API key: Authorization: Bearer hy_…")
    return await application_of(request).accounts.authenticate(key.strip())


async def _count(request: Request, limiter: Limiter, actor: Actor) -> None:
    request.state.rate = await limiter.client(actor.id)


def _accepted(route: APIRoute) -> frozenset[str]:
    """Media types of the declared body; empty when the route takes none."""
    if route.body_field is None:
        return frozenset()
    media_type = getattr(route.body_field.field_info, "media_type", "application/json")
    return frozenset({str(media_type)})


def _require_media(request: Request, accepted: frozenset[str]) -> None:
    if not accepted:
        return
    header = MimeHeader()
    header["content-type"] = request.headers.get("content-type", "")
    got = header.get_content_type() if request.headers.get("content-type") else ""
    if got not in accepted:
        raise UnsupportedMedia(f"Send {' or '.join(sorted(accepted))}.")
