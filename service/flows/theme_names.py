"""A model, where there is one, says in a sentence what a theme is about; keywords do without."""

from __future__ import annotations

import structlog

from service.domain.base import Lang
from service.domain.theme import Theme, ThemeLevel, ThemeStory
from service.errors import ProviderError
from service.ports.clock import Clock
from service.ports.engines import ThemeTeller
from service.ports.models import ChatModel
from service.ports.store import UowFactory

SAMPLES = 6

log = structlog.get_logger()


class ThemeNamesFlow:
    """Names the largest themes that have no story yet."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        teller: ThemeTeller,
        chat: ChatModel | None,
        clock: Clock,
        min_authors: int,
        most: int,
    ) -> None:
        """`min_authors` is the privacy floor, `most` the calls of one run."""
        self._uow, self._teller, self._chat, self._clock = uow, teller, chat, clock
        self._min_authors, self._most = min_authors, most

    async def run(self, community: str) -> int:
        """Ask for the themes without a story, largest first; how many got one.

        A provider that fails ends the run: the keywords stand, and the next run tries again.
        """
        if self._chat is None:
            return 0
        await self._teller.ready()
        told = 0
        for theme, samples, lang in await self._due(community):
            try:
                told += await self._tell(self._chat, theme, samples, lang)
            except ProviderError as error:
                log.warning("theme_names_stopped", community=community, reason=error.code)
                break
        return told

    async def _due(self, community: str) -> list[tuple[Theme, tuple[str, ...], Lang]]:
        async with self._uow() as uow:
            owner = await uow.communities.get(community)
            living = await uow.themes.living(community)
            due = [theme for theme in living if self._is_due(theme)]
            due.sort(key=lambda theme: (-theme.size, theme.id))
            lang = Lang(owner.default_lang) if owner else Lang.ZH
            return [
                (theme, await uow.themes.samples(theme.id, SAMPLES), lang)
                for theme in due[: self._most]
            ]

    def _is_due(self, theme: Theme) -> bool:
        named = theme.story is not None or theme.given_name is not None
        enough = theme.size > 0 and theme.authors >= self._min_authors
        return theme.level is ThemeLevel.THEME and enough and not named

    async def _tell(
        self, chat: ChatModel, theme: Theme, samples: tuple[str, ...], lang: Lang
    ) -> bool:
        request, template = self._teller.ask(theme, samples, lang)
        reply = await chat.complete(request)
        words = self._teller.read(reply)
        if words is None:
            log.warning("theme_name_refused", theme=theme.id)
            return False
        story = ThemeStory(
            name=words.name,
            summary=words.summary,
            model=reply.model,
            template=template,
            at=self._clock.now(),
        )
        async with self._uow() as uow:
            now = await uow.themes.get(theme.id, lock=True)
            if now is None or now.retired_at is not None:
                return False
            await uow.themes.save(now.model_copy(update={"story": story}))
            await uow.commit()
        return True
