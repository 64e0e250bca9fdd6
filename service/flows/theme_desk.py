"""What people do with themes: name, own, move on, merge; tell everybody once one is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.domain.base import Bilingual, Frozen, Lang
from service.domain.post import PostBrief, PostRequest, PostVariant
from service.domain.post_kind import ChannelFormat
from service.domain.theme import (
    LinkKind,
    Theme,
    ThemeChange,
    ThemeLevel,
    ThemeLink,
    ThemeStatus,
    new_links,
)
from service.errors import Conflict, InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory
from service.ports.themes import CaseMaterial

MOST_TOLD = 500
"""People a resolved theme is answered to at most."""


class ThemePatch(Frozen):
    """Fields to set; those not given stay. A name or owner of None goes back to none."""

    name: Bilingual | None = None
    owner: str | None = None
    status: ThemeStatus | None = None


class Told(NamedTuple):
    """Drafts asked for: replies, one a person, and the post if one was wanted."""

    replies: int
    post_id: str | None


class ThemeDeskFlow:
    """Changes people make; every one is kept with its author."""

    def __init__(self, *, uow: UowFactory, redactor: Redactor, clock: Clock, ids: Ids) -> None:
        self._uow, self._redactor, self._clock, self._ids = uow, redactor, clock, ids

    async def update(self, theme_id: str, by: str, patch: ThemePatch) -> Theme:
        """Set the given fields; a run never changes them.

        Raises:
            NotFound: no such theme.
            Conflict: it was merged into another.
        """
        given = patch.model_dump(exclude_unset=True)
        if given.get("status", ThemeStatus.OPEN) is None:
            raise InvalidInput("A status cannot be taken away.")
        async with self._uow() as uow:
            theme = await _living(uow, theme_id)
            renamed = {"given_name": patch.name} if "name" in given else {}
            rest = {name: getattr(patch, name) for name in given if name != "name"}
            theme = theme.model_copy(update={**rest, **renamed})
            await uow.themes.save(theme)
            await self._note(uow, theme.id, by, given)
            await uow.commit()
        return theme

    async def merge(self, theme_id: str, others: Sequence[str], by: str) -> Theme:
        """Put the cases of other themes into this one and retire those; later runs respect it.

        Raises:
            NotFound: there is no such theme.
            Conflict: one of them was merged before.
            InvalidInput: they are topics, or of another community, or this theme itself.
        """
        async with self._uow() as uow:
            theme = await _living(uow, theme_id)
            await uow.cases.lock(f"themes:{theme.community}")
            for other_id in dict.fromkeys(others):
                other = await _living(uow, other_id)
                _mergeable(theme, other)
                await self._absorb(uow, theme, other, by)
            await self._note(uow, theme.id, by, {"merged": list(dict.fromkeys(others))})
            await uow.commit()
            merged = await uow.themes.get(theme_id)
        return merged or theme

    async def tell(
        self, theme_id: str, by: str, *, note: str, replies: bool, post: Lang | None
    ) -> Told:
        """Ask for drafts to everybody who raised a resolved theme; people decide on each.

        Args:
            note: what was done; every draft is written around it.
            replies: a reply to the newest case of each person, unless one was approved.
            post: the language of a community post, if one is wanted.

        Raises:
            NotFound: no such theme.
            Conflict: it is not resolved.
        """
        clean = self._redactor.redact(note).text
        async with self._uow() as uow:
            theme = await _living(uow, theme_id)
            if theme.status is not ThemeStatus.RESOLVED:
                raise Conflict("This theme is not resolved yet.")
            cases = await self._raised(uow, theme) if replies else ()
            for case in cases:
                payload = {"case_id": case.case_id, "instruction": clean}
                await uow.jobs.defer(Job.CLOSE, payload, key=f"close:{case.case_id}")
            request = await self._post(uow, theme, by, clean, post) if post else None
            await self._note(uow, theme.id, by, {"told": len(cases), "post": request})
            await uow.commit()
        return Told(len(cases), request)

    async def _absorb(self, uow: UnitOfWork, theme: Theme, other: Theme, by: str) -> None:
        now = self._clock.now()
        ended = {"merged_into": theme.id, "retired_at": now, "parent_id": None}
        await uow.themes.save(other.model_copy(update=ended))
        link = ThemeLink(
            from_theme=other.id, to_theme=theme.id, kind=LinkKind.MERGE, share=1.0, by=by, at=now
        )
        await uow.themes.add_links(new_links(await uow.themes.links(theme.community), [link]))
        await uow.themes.move(other.id, theme.id, now)

    async def _raised(self, uow: UnitOfWork, theme: Theme) -> tuple[CaseMaterial, ...]:
        """The newest case of each person, newest first."""
        found = await uow.themes.material_of(await uow.themes.cases_of(theme.id))
        newest = sorted(found.cases, key=lambda case: (case.last_at, case.case_id), reverse=True)
        of_author: dict[str, CaseMaterial] = {}
        for case in newest:
            of_author.setdefault(case.author, case)
        return tuple(of_author.values())[:MOST_TOLD]

    async def _post(self, uow: UnitOfWork, theme: Theme, by: str, note: str, lang: Lang) -> str:
        title = theme.shown_name.get(lang) or theme.name.get(lang)
        request = PostRequest(
            id=self._ids.new("post"),
            community=theme.community,
            brief=PostBrief(
                kind="loop_closed",
                lang=lang,
                title=title[:200] or note[:200],
                points=(note[:1000],),
                variants=(PostVariant(format=ChannelFormat.CHAT),),
            ),
            requested_by=by,
            created_at=self._clock.now(),
        )
        await uow.posts.add(request)
        await uow.jobs.defer(Job.POST, {"request_id": request.id}, key=f"post:{request.id}")
        return request.id

    async def _note(
        self, uow: UnitOfWork, theme_id: str, by: str, change: dict[str, object]
    ) -> None:
        await uow.themes.add_change(
            ThemeChange(
                id=self._ids.new("change"),
                theme_id=theme_id,
                by=by,
                change=change,
                at=self._clock.now(),
            )
        )


async def _living(uow: UnitOfWork, theme_id: str) -> Theme:
    theme = await uow.themes.get(theme_id, lock=True)
    if theme is None:
        raise NotFound("There is no such theme.")
    if theme.retired_at is not None:
        raise Conflict("This theme ended; go on with the one it went into.")
    return theme


def _mergeable(theme: Theme, other: Theme) -> None:
    if other.id == theme.id or other.community != theme.community:
        raise InvalidInput("Only different themes of one community can be merged.")
    if ThemeLevel.TOPIC in (theme.level, other.level):
        raise InvalidInput("Topics follow from their themes and cannot be merged.")
