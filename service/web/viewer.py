"""Who looks at a page: the person behind the session, the language, the community at hand."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import FormData

from service.domain.account import Actor, Scope, User
from service.domain.base import Lang
from service.domain.community import Community
from service.errors import InvalidInput, NotAuthenticated, NotFound, NotPermitted
from service.flows.accounts import actor_of
from service.web.sessions import COOKIE, Session, password_mark
from service.web.state import application_of, sessions_of

LANG_COOKIE = "huiyin_lang"
COMMUNITY_COOKIE = "huiyin_community"


@dataclass(frozen=True)
class Viewer:
    """A logged-in person looking at one community."""

    user: User
    actor: Actor
    session: Session
    lang: Lang
    community: Community
    communities: tuple[Community, ...]
    form_token: str

    def may(self, scope: Scope | str) -> bool:
        """Whether the person's role holds the scope."""
        return scope in self.actor.scopes

    def require(self, scope: Scope) -> None:
        """Raise NotPermitted when it does not."""
        if not self.may(scope):
            raise NotPermitted("Your role may not do this.")

    def within(self, community_id: str) -> Community:
        """The community a thing belongs to.

        Raises:
            NotFound: it is not one this person can see.
        """
        for community in self.communities:
            if community.id == community_id:
                return community
        raise NotFound("There is no such community.")

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the community at hand."""
        return ZoneInfo(self.community.timezone)


async def viewer(request: Request) -> Viewer:
    """The person behind the session cookie.

    Raises:
        NotAuthenticated: no session, or it ended with time, password or role.
        NotFound: there is no community yet.
    """
    sessions = sessions_of(request)
    session = sessions.read(request.cookies.get(COOKIE))
    user = await application_of(request).accounts.user(session.user_id) if session else None
    if session is None or user is None or session.mark != password_mark(user):
        raise NotAuthenticated("Please log in.")
    _renew(request, session)
    async with application_of(request).uow() as uow:
        communities = await uow.communities.all()
    if not communities:
        raise NotFound("There is no community yet; create one with the API or `huiyin`.")
    return Viewer(
        user=user,
        actor=actor_of(user),
        session=session,
        lang=chosen_lang(request) or user.lang,
        community=_at_hand(request, communities),
        communities=communities,
        form_token=sessions.form_token(session.id),
    )


Looking = Annotated[Viewer, Depends(viewer)]


def chosen_lang(request: Request) -> Lang | None:
    """The language picked with the switch, if any."""
    value = request.cookies.get(LANG_COOKIE)
    return Lang(value) if value in list(Lang) else None


def guest_lang(request: Request) -> Lang:
    """The language of somebody not logged in: the switch, then what the browser prefers."""
    preferred = request.headers.get("accept-language", "").strip().lower()
    return chosen_lang(request) or (Lang.EN if preferred.startswith("en") else Lang.ZH)


def require_same_origin(request: Request) -> None:
    """Refuse forms other sites send.

    Raises:
        NotPermitted.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise NotPermitted("This form came from another site.")
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise NotPermitted("This form came from another site.")


async def form_of(request: Request, binding: str) -> dict[str, str]:
    """The fields of a form that one of our pages gave out; files are left out.

    Raises:
        NotPermitted: it came from elsewhere or its token is wrong.
        InvalidInput: it cannot be read.
    """
    data = await raw_form(request, binding)
    return {key: value for key, value in data.items() if isinstance(value, str)}


async def raw_form(request: Request, binding: str) -> FormData:
    """Like `form_of`, with files.

    Raises:
        NotPermitted, InvalidInput.
    """
    require_same_origin(request)
    try:
        data = await request.form(max_files=1, max_fields=40, max_part_size=1024 * 1024)
    except UnicodeDecodeError as error:
        raise InvalidInput("The form is not UTF-8.") from error
    token = data.get("csrf")
    if not isinstance(token, str) or not sessions_of(request).form_token_ok(binding, token):
        await data.close()
        raise NotPermitted("This page is out of date; reload it and try again.")
    clean = [(k, v.replace("\x00", "") if isinstance(v, str) else v) for k, v in data.multi_items()]
    return FormData(clean)


def cookie_header(request: Request, name: str, value: str, max_age: int) -> str:
    """A `Set-Cookie` value with our attributes."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[name] = value
    morsel = cookie[name]
    morsel["path"], morsel["samesite"], morsel["max-age"] = "/", "Lax", str(max_age)
    morsel["httponly"] = True
    if application_of(request).settings.web.secure_cookies:
        morsel["secure"] = True
    return morsel.OutputString()


def _renew(request: Request, session: Session) -> None:
    sessions = sessions_of(request)
    if fresh := sessions.renewed(session):
        life = int(sessions.life.total_seconds())
        request.state.renewed_cookie = cookie_header(request, COOKIE, sessions.write(fresh), life)


def _at_hand(request: Request, communities: tuple[Community, ...]) -> Community:
    picked = request.cookies.get(COMMUNITY_COOKIE)
    return next((one for one in communities if one.id == picked), communities[0])
