"""For administrators: API keys, where approved texts are sent, what a model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

from service.domain.account import Scope
from service.domain.base import Bilingual, Lang
from service.domain.channel import Channel
from service.domain.community import Host
from service.domain.evaluation import SubjectKind
from service.domain.notice import Notice
from service.drafting.platforms import known_channels, platforms
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.web.pages.gate_view import forced
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of, raw_form

router = APIRouter(prefix="/settings")

MOST_CHANNELS = 40
"""Lines the form takes."""


class Blank(NamedTuple):
    """An empty line of the channels' form."""

    name: str = ""
    platform: str = ""
    quiet_from: int | None = None
    quiet_to: int | None = None


_BLANK = (Blank(), Blank())

_URL: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)
_HOSTS: TypeAdapter[frozenset[Host]] = TypeAdapter(frozenset[Host])


@router.get("")
async def settings(request: Request, looking: Looking) -> Response:
    """Keys and the receiver."""
    looking.require(Scope.ADMIN)
    return await _page(request, looking)


@router.post("/keys")
async def make_key(request: Request, looking: Looking) -> Response:
    """Make a key for the community at hand; its secret is shown this once."""
    looking.require(Scope.ADMIN)
    form = await raw_form(request, looking.session.id)
    scopes = [Scope(one) for one in form.getlist("scope") if one in list(Scope)]
    name = str(form.get("name") or "").strip()[:100]
    try:
        if not name:
            raise InvalidInput("Give the key a name.")
        _, secret = await application_of(request).accounts.create_key(
            name, scopes, community=looking.community.id
        )
    except InvalidInput as error:
        return await _page(request, looking, error=error)
    return await _page(request, looking, secret=secret)


@router.post("/keys/{key_id}/revoke")
async def revoke_key(request: Request, key_id: str, looking: Looking) -> Response:
    """End a key now."""
    looking.require(Scope.ADMIN)
    await raw_form(request, looking.session.id)
    await application_of(request).accounts.revoke_key(key_id)
    return RedirectResponse("/settings", 303)


@router.post("/receiver")
async def receiver(request: Request, looking: Looking) -> Response:
    """Set or clear one of the addresses of the community at hand: of deliveries or of alerts."""
    looking.require(Scope.ADMIN)
    form = await raw_form(request, looking.session.id)
    field = "alert_url" if "alert_url" in form else "delivery_url"
    given = str(form.get(field) or "").strip()
    try:
        url = str(_URL.validate_python(given)) if given else None
    except ValidationError:
        refused = InvalidInput("The address must begin with http:// or https://.")
        return await _page(request, looking, error=refused)
    async with application_of(request).uow() as uow:
        changed = looking.community.model_copy(update={field: url})
        await uow.communities.save(changed)
        await uow.commit()
    return RedirectResponse("/settings?saved=1", 303)


@router.post("/channels")
async def channels(request: Request, looking: Looking) -> Response:
    """The community's channels; a line without a name goes."""
    looking.require(Scope.ADMIN)
    form = await form_of(request, looking.session.id)
    try:
        changed = looking.community.model_copy(update={"channels": _channels(form)})
    except ValueError as error:
        refused = InvalidInput("A channel cannot be used; check names, platforms and hours.")
        refused.__cause__ = error
        return await _page(request, looking, error=refused)
    async with application_of(request).uow() as uow:
        await uow.communities.save(changed)
        await uow.commit()
    return RedirectResponse("/settings?saved=1", 303)


@router.post("/model")
async def model(request: Request, looking: Looking) -> Response:
    """Whether a configured model may label what the heads leave open, for the community at hand."""
    looking.require(Scope.ADMIN)
    form = await raw_form(request, looking.session.id)
    changed = looking.community.model_copy(update={"ask_model": "ask_model" in form})
    async with application_of(request).uow() as uow:
        await uow.communities.save(changed)
        await uow.commit()
    return RedirectResponse("/settings?saved=1", 303)


@router.post("/drafting")
async def drafting(request: Request, looking: Looking) -> Response:
    """Where texts may link to, and what they say of how they are drafted."""
    looking.require(Scope.ADMIN)
    form = await raw_form(request, looking.session.id)
    given = {lang.value: str(form.get(f"ai_disclosure_{lang}") or "").strip() for lang in Lang}
    disclosure = Bilingual(**{lang: " ".join(text.split())[:300] for lang, text in given.items()})
    try:
        hosts = _HOSTS.validate_python(str(form.get("link_allow") or "").lower().split()[:200])
    except ValidationError:
        refused = InvalidInput("Give host names such as example.com, one a line.")
        return await _page(request, looking, error=refused)
    changed = looking.community.model_copy(
        update={"link_allow": hosts, "ai_disclosure": disclosure}
    )
    async with application_of(request).uow() as uow:
        await uow.communities.save(changed)
        await uow.commit()
    return RedirectResponse("/settings?saved=1", 303)


@router.post("/in-force/{kind}")
async def in_force(request: Request, kind: str, looking: Looking) -> Response:
    """Compare what is configured with what is in force, put it in force, or bring back an earlier
    one."""
    looking.require(Scope.ADMIN)
    form = await form_of(request, looking.session.id)
    application = application_of(request)
    try:
        part = SubjectKind(kind)
        if "compare" in form:
            trial = await application.in_force.trial(part, None)
            done = await application.evaluations.request(trial, by=looking.user.id)
            return RedirectResponse(f"/evaluations/{done.evaluation.id}", 303)
        await application.in_force.accept(
            part,
            by=looking.user.id,
            override=form.get("override", ""),
            back_to=form.get("back_to") or None,
        )
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error=error)
    except ValueError as error:
        raise NotFound("Nothing of this kind is taken from files or settings.") from error
    return RedirectResponse("/settings?saved=1", 303)


async def _page(
    request: Request, looking: Viewer, *, error: AppError | None = None, secret: str | None = None
) -> Response:
    keys = await application_of(request).accounts.keys()
    shown: dict[str, Any] = {
        "keys": tuple(k for k in keys if k.community in (None, looking.community.id)),
        "notices": await _told(request, looking.community.id),
        "channel_rows": (*looking.community.channels, *_BLANK),
        "platforms": tuple(platforms().values()),
        "scopes": tuple(Scope),
        "in_force": await forced(request, looking.community.id),
        "error": error,
        "secret": secret,
        "saved": "saved" in request.query_params,
    }
    status = status_of(error) if error else 200
    return pages_of(request).page(request, looking, "settings.html", http_status=status, **shown)


def _channels(form: Mapping[str, str]) -> tuple[Channel, ...]:
    """The lines that name a channel.

    Raises:
        ValueError: one of them cannot be used.
    """
    lines = [str(n) for n in range(MOST_CHANNELS) if form.get(f"name.{n}", "").strip()]
    return known_channels(
        tuple(
            Channel.model_validate(
                {
                    "name": form[f"name.{n}"].strip(),
                    "platform": form.get(f"platform.{n}", ""),
                    "quiet_from": form.get(f"from.{n}") or None,
                    "quiet_to": form.get(f"to.{n}") or None,
                }
            )
            for n in lines
        )
    )


async def _told(request: Request, community: str) -> tuple[Notice, ...]:
    """The last notices, so that an address that fails is seen."""
    return (await application_of(request).queries.notices(community, limit=5)).items
