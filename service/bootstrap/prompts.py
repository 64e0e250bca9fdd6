"""Prompts in force: every process follows the registry within seconds.

Versions never change, so a text is parsed once; labels and splits are read again when the
registry's stamp changes. Engines are built over a snapshot and built anew over the next one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from prompts.contract import fits
from prompts.errors import PromptError
from prompts.library import Library, Picked
from prompts.loader import Prompts, template_from_text
from prompts.template import PromptTemplate
from service.domain.prompt import PromptLabel, PromptVersion, Standing
from service.ports.store import UowFactory

LOOK_S = 1.0
"""The registry's stamp is read again after this long."""

T = TypeVar("T")


class Shelf:
    """A `prompts.library.Library` of stored versions: one state of the registry.

    A version that does not fit this release is never picked, the shipped text takes its place; it
    can still be rendered by its hash.
    """

    def __init__(
        self, shipped: Prompts, versions: Iterable[PromptVersion], standing: Standing
    ) -> None:
        self._shipped, self._standing = shipped, standing
        self._by_hash = {version.hash: version for version in versions}
        self._by_number = {(one.template, one.number): one for one in self._by_hash.values()}
        self._parsed: dict[str, PromptTemplate | None] = {}

    def pick(
        self, template_id: str, community: str | None = None, case: str | None = None
    ) -> Picked:
        """See `Library.pick`."""
        shipped = self._shipped.get(template_id)
        chosen = self._standing.choose(template_id, community, case)
        production = self._standing.version(template_id, community, PromptLabel.PRODUCTION)
        for number in (chosen, production):
            version = self._by_number.get((template_id, number or 0))
            template = self.known(template_id, version.hash) if version else None
            if version and template and fits(shipped, template):
                return Picked(template, version.number)
        recorded = self._by_hash.get(shipped.hash)
        return Picked(shipped, recorded.number if recorded else shipped.version)

    def known(self, template_id: str, digest: str) -> PromptTemplate | None:
        """See `Library.known`."""
        if digest not in self._parsed:
            self._parsed[digest] = self._parse(template_id, digest)
        return self._parsed[digest]

    def _parse(self, template_id: str, digest: str) -> PromptTemplate | None:
        version = self._by_hash.get(digest)
        if version is None:
            return self._shipped.known(template_id, digest)
        try:
            return template_from_text(version.template, version.text, version.partials)
        except PromptError:
            return None  # read by stricter rules than it was written under


class LivePrompts:
    """See `service.ports.prompts.PromptShelf`. One event loop; not for several threads."""

    def __init__(
        self, shipped: Prompts, uow: UowFactory, seed: Callable[[], Awaitable[object]],
        *, tick: Callable[[], float] = time.monotonic, look_s: float = LOOK_S,
    ) -> None:  # fmt: skip
        self._shipped, self._uow, self._seed = shipped, uow, seed
        self._tick, self._look_s = tick, look_s
        self._library: Library = shipped
        self._stamp: str | None = None
        self._looked: float | None = None
        self._turn = asyncio.Lock()

    @property
    def library(self) -> Library:
        """As of the last look; before the first, the shipped texts."""
        return self._library

    async def refresh(self) -> None:
        """See the port."""
        async with self._turn:
            now = self._tick()
            if self._looked is not None and now - self._looked < self._look_s:
                return
            if self._stamp is None:
                await self._seed()
            await self._read()
            self._looked = now

    def look_again(self) -> None:
        """See the port."""
        self._looked = None

    async def _read(self) -> None:
        async with self._uow() as uow:
            stamp = await uow.prompts.stamp()
            if stamp == self._stamp:
                return
            versions = await uow.prompts.versions()
            standing = Standing.of(await uow.prompts.moves(), await uow.prompts.splits())
        self._library, self._stamp = Shelf(self._shipped, versions, standing), stamp


class Following(Generic[T]):
    """A part made of prompts, made anew over each state of the registry."""

    def __init__(self, prompts: LivePrompts, build: Callable[[Library], T]) -> None:
        self._prompts, self._build = prompts, build
        self._made: tuple[Library, T] | None = None

    def now(self) -> T:
        """The part over the prompts of the last look."""
        library = self._prompts.library
        if self._made is None or self._made[0] is not library:
            self._made = library, self._build(library)
        return self._made[1]

    async def refreshed(self) -> T:
        """The part over the prompts in force."""
        await self._prompts.refresh()
        return self.now()
