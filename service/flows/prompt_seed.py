"""The texts a release ships become versions; production follows them until a person moves it."""

from __future__ import annotations

from collections.abc import Sequence

from prompts.loader import Prompts
from prompts.template import PromptTemplate
from service.domain.prompt import (
    LabelMove,
    MoveKind,
    PromptLabel,
    PromptOrigin,
    PromptVersion,
    standing_moves,
)
from service.ports.clock import Clock, Ids
from service.ports.store import UnitOfWork, UowFactory

RELEASE = "release"
"""Who moves a label when a release does."""


class PromptSeed:
    """Records shipped texts; again and from many processes at once without harm."""

    def __init__(self, *, uow: UowFactory, shipped: Prompts, clock: Clock, ids: Ids) -> None:
        self._uow, self._shipped, self._clock, self._ids = uow, shipped, clock, ids

    async def run(self) -> int:
        """How many texts are new."""
        added = 0
        async with self._uow() as uow:
            await uow.prompts.lock()
            versions, moves = await uow.prompts.versions(), await uow.prompts.moves()
            for template in self._shipped:
                own = [one for one in versions if one.template == template.id]
                known = next((one for one in own if one.hash == template.hash), None)
                version = known or await self._record(uow, template, len(own) + 1)
                added += known is None
                track = [move for move in moves if _is_track(move, template.id)]
                await self._follow(uow, version, track, fresh=known is None)
            await uow.commit()
        return added

    async def _record(
        self, uow: UnitOfWork, template: PromptTemplate, number: int
    ) -> PromptVersion:
        version = PromptVersion(
            id=self._ids.new("pv"),
            template=template.id,
            number=number,
            hash=template.hash,
            text=template.text,
            partials=template.partials,
            note="",
            origin=PromptOrigin.SHIPPED,
            created_by=RELEASE,
            created_at=self._clock.now(),
        )
        await uow.prompts.add_version(version)
        return version

    async def _follow(
        self, uow: UnitOfWork, version: PromptVersion, track: Sequence[LabelMove], *, fresh: bool
    ) -> None:
        """Move production, or say in the history why it stays."""
        standing = standing_moves(track)
        now = standing[-1] if standing else None
        if now is not None and now.version == version.number:
            return
        if now is None or now.kind is MoveKind.SHIPPED:
            previous = now.version if now else None
            move = self._move(version, MoveKind.SHIPPED, version.number, previous)
            await uow.prompts.add_move(move)
        elif fresh:
            move = self._move(version, MoveKind.KEPT, now.version, now.version)
            await uow.prompts.add_move(move)

    def _move(
        self, shipped: PromptVersion, kind: MoveKind, version: int | None, previous: int | None
    ) -> LabelMove:
        return LabelMove(
            id=self._ids.new("pm"),
            template=shipped.template,
            community=None,
            label=PromptLabel.PRODUCTION,
            version=version,
            previous=previous,
            kind=kind,
            reason="",
            by=RELEASE,
            at=self._clock.now(),
        )


def _is_track(move: LabelMove, template: str) -> bool:
    everybody = move.community is None and move.label is PromptLabel.PRODUCTION
    return everybody and move.template == template
