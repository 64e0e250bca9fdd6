"""What holds for each prompt, what its versions say and where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from prompts.diff import Source, diff
from prompts.loader import Prompts
from prompts.template import PromptTemplate
from service.domain.base import Lang
from service.domain.prompt import (
    PromptLabel,
    PromptState,
    PromptVersion,
    Standing,
    before_last,
)
from service.errors import Conflict, NotFound
from service.flows.prompt_texts import misfit, shipped_template, stored_version
from service.ports.prompts import PromptShelf
from service.ports.store import UowFactory


class Track(NamedTuple):
    """Where a label stands in one place, and where a rollback would take it."""

    label: PromptLabel
    community: str | None
    version: int | None
    back: int | None


class _Registry(NamedTuple):
    standing: Standing
    versions: Mapping[str, Sequence[PromptVersion]]
    """Of each template, by number."""


class PromptViewsFlow:
    """Reads the registry."""

    def __init__(self, *, uow: UowFactory, shipped: Prompts, shelf: PromptShelf) -> None:
        self._uow, self._shipped, self._shelf = uow, shipped, shelf

    async def states(self, community: str | None) -> tuple[PromptState, ...]:
        """What holds for each template in a community (None: for everybody else), by id."""
        registry = await self._registry()
        shipped = sorted(self._shipped, key=lambda one: one.id)
        return tuple(_state(template, community, registry) for template in shipped)

    async def state(self, template_id: str, community: str | None) -> PromptState:
        """What holds for one.

        Raises:
            NotFound: no such template.
        """
        template = shipped_template(self._shipped, template_id)
        return _state(template, community, await self._registry())

    async def tracks(self, template_id: str, community: str) -> tuple[Track, ...]:
        """Labels that can be rolled back, of the community and of everybody."""
        await self._shelf.refresh()
        found = []
        async with self._uow() as uow:
            for place in (community, None):
                for label in PromptLabel:
                    moves = await uow.prompts.moves_of(template_id, place, label)
                    with suppress(Conflict):
                        back = before_last(moves)
                        found.append(Track(label, place, moves[-1].version, back))
        return tuple(found)

    async def version(self, template_id: str, number: int) -> PromptVersion:
        """One version with its text.

        Raises:
            NotFound: no such template or version.
        """
        await self._shelf.refresh()
        async with self._uow() as uow:
            return await stored_version(uow, template_id, number)

    async def diff(self, template_id: str, old: int, new: int) -> str:
        """A unified diff of two versions and the partials they include.

        Raises:
            NotFound: no such template or version.
        """
        one, other = await self.version(template_id, old), await self.version(template_id, new)
        before, after = Source(one.text, one.partials), Source(other.text, other.partials)
        return diff(template_id, before, after, names=(str(old), str(new)))

    async def _registry(self) -> _Registry:
        await self._shelf.refresh()
        async with self._uow() as uow:
            standing = Standing.of(await uow.prompts.moves(), await uow.prompts.splits())
            versions: dict[str, list[PromptVersion]] = {}
            for version in await uow.prompts.versions():
                versions.setdefault(version.template, []).append(version)
        return _Registry(standing, versions)


def _state(template: PromptTemplate, community: str | None, registry: _Registry) -> PromptState:
    standing, versions = registry.standing, registry.versions.get(template.id, ())
    shipped = next((one for one in versions if one.hash == template.hash), None)
    number = standing.version(template.id, community, PromptLabel.PRODUCTION)
    used = next((one for one in versions if one.number == number), shipped)
    if used is None or shipped is None:
        raise NotFound("This prompt is not recorded yet; try again in a moment.")
    own = (template.id, community, PromptLabel.PRODUCTION) in standing.labels
    return PromptState(
        template=template.id,
        lang=Lang(template.front.lang),
        kind=template.front.kind,
        description=template.front.description,
        community=community,
        production=used.number,
        own_production=own and community is not None,
        candidate=standing.version(template.id, community, PromptLabel.CANDIDATE),
        percent=standing.percent(template.id, community),
        shipped=shipped.number,
        newest=versions[-1].number,
        unfit=misfit(template, used) is not None,
    )
