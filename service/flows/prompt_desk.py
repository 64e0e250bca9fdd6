"""What people do with prompts: propose a text, move a label, roll it back, split the cases."""

from __future__ import annotations

from typing import NamedTuple

from prompts.loader import Prompts
from service.domain.cleaning import clean_text
from service.domain.evaluation import Trial, crossing_of
from service.domain.prompt import (
    MOST_PERCENT,
    LabelMove,
    MoveKind,
    PromptLabel,
    PromptOrigin,
    PromptSplit,
    PromptVersion,
    Standing,
    before_last,
)
from service.errors import Conflict, InvalidInput
from service.flows.prompt_texts import misfit, read_proposed, shipped_template, stored_version
from service.flows.prompt_trial import prompt_trial
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.evaluations import Gate
from service.ports.prompts import PromptShelf
from service.ports.store import UnitOfWork, UowFactory

MOST_VERSIONS = 1000
"""Versions of one template."""


class Place(NamedTuple):
    """A label of a template in a community (None: everybody who has nothing of their own)."""

    template: str
    label: PromptLabel
    community: str | None = None


class Word(NamedTuple):
    """Who does something, and why; `override` is why an administrator goes past the gate."""

    by: str
    reason: str
    override: str = ""


class Proposed(NamedTuple):
    """The version with the proposed text; `added` is False where it was there already."""

    version: PromptVersion
    added: bool


class PromptDeskFlow:
    """Writes the registry. A person moves a label in `_move` and nowhere else."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        shipped: Prompts,
        shelf: PromptShelf,
        gate: Gate,
        redactor: Redactor,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._shipped, self._shelf, self._gate = uow, shipped, shelf, gate
        self._redactor, self._clock, self._ids = redactor, clock, ids

    async def propose(self, template_id: str, text: str, said: Word) -> Proposed:
        """Store a text as a new version; it is used only where a label is moved to it.

        Raises:
            NotFound: no such template.
            InvalidInput: no reason, or the text cannot take the shipped one's place; names the
                line.
            Conflict: there are too many versions.
        """
        said, parsed = self._clean(said), read_proposed(self._shipped, template_id, text)
        await self._shelf.refresh()
        async with self._uow() as uow:
            await uow.prompts.lock()
            if known := await uow.prompts.by_hash(parsed.hash):
                return Proposed(known, added=False)
            newest = await uow.prompts.newest(template_id)
            version = PromptVersion(
                id=self._ids.new("pv"),
                template=template_id,
                number=_next_number(newest),
                hash=parsed.hash,
                text=parsed.text,
                partials=parsed.partials,
                note=said.reason,
                origin=PromptOrigin.PROPOSED,
                created_by=said.by,
                created_at=self._clock.now(),
            )
            await uow.prompts.add_version(version)
            await self._finish(uow)
        return Proposed(version, added=True)

    async def move(self, place: Place, version: int | None, said: Word) -> LabelMove:
        """Put a label on a version, or take it away with None; where it stands already, nothing
        changes.

        Raises:
            NotFound: no such template or version.
            InvalidInput: no reason, or the version does not fit this release.
            NotCompared: production needs a passing comparison with the version it stands on.
            Conflict: everybody's production cannot be taken away, or there is nothing to take.
        """
        said = self._clean(said)
        shipped_template(self._shipped, place.template)
        if version is None and place.community is None and place.label is PromptLabel.PRODUCTION:
            raise Conflict("Production always stands on a version; move it to another one.")
        await self._shelf.refresh()
        async with self._uow() as uow:
            moves = await _track(uow, place)
            if version == _standing_on(moves):
                return _last(moves)
            return await self._move(uow, place, version, MoveKind.MOVED, moves, said)

    async def rollback(self, place: Place, since: int | None, said: Word) -> LabelMove:
        """Take the last move back that still stands. What was in production needs no comparison to
        return: a bad text must go at once.

        Args:
            since: the version the label stands on, as the person sees it.

        Raises:
            NotFound: no such template.
            InvalidInput: no reason, or the earlier version does not fit this release.
            Conflict: the label stands elsewhere by now, or there is nothing to roll back to.
        """
        said = self._clean(said)
        shipped_template(self._shipped, place.template)
        await self._shelf.refresh()
        async with self._uow() as uow:
            moves = await _track(uow, place)
            if since != (now := _standing_on(moves)):
                raise Conflict("Somebody moved this label; load it again.", version=now)
            back = before_last(moves)
            return await self._move(uow, place, back, MoveKind.ROLLED_BACK, moves, said)

    async def trial(self, template_id: str, version: int, community: str | None) -> Trial:
        """What compares a version with production.

        Raises:
            NotFound: no such template or version.
            InvalidInput: the version does not fit this release.
        """
        shipped_template(self._shipped, template_id)
        await self._shelf.refresh()
        async with self._uow() as uow:
            await self._require_fit(uow, template_id, version)
            return await prompt_trial(uow, template_id, version, community)

    async def split(
        self, template_id: str, community: str | None, percent: int, said: Word
    ) -> PromptSplit:
        """Give this share of the cases the candidate from now on; 0 ends it.

        Raises:
            NotFound: no such template.
            InvalidInput: no reason, or a share that cannot be.
            Conflict: there is no candidate.
        """
        said = self._clean(said)
        shipped_template(self._shipped, template_id)
        if not 0 <= percent <= MOST_PERCENT:
            raise InvalidInput(f"A candidate gets 0 to {MOST_PERCENT} percent of the cases.")
        await self._shelf.refresh()
        async with self._uow() as uow:
            await uow.prompts.lock()
            splits = await uow.prompts.splits()
            standing = Standing.of(await uow.prompts.moves(), splits)
            latest = _latest_split(splits, template_id, community)
            if latest and latest.percent == percent:
                return latest
            candidate = standing.version(template_id, community, PromptLabel.CANDIDATE)
            if percent and candidate is None:
                raise Conflict("There is no candidate; move the label to a version first.")
            made = PromptSplit(
                id=self._ids.new("ps"),
                template=template_id,
                community=community,
                percent=percent,
                reason=said.reason,
                by=said.by,
                at=self._clock.now(),
            )
            await uow.prompts.add_split(made)
            await self._finish(uow)
        return made

    async def _move(
        self, uow: UnitOfWork, place: Place, version: int | None, kind: MoveKind,
        moves: tuple[LabelMove, ...], said: Word,
    ) -> LabelMove:  # fmt: skip
        """Write a person's move. Whatever must be shown before a label moves is asked for here."""
        if version is not None:
            await self._require_fit(uow, place.template, version)
            if place.label is PromptLabel.PRODUCTION and kind is MoveKind.MOVED:
                trial = await prompt_trial(uow, place.template, version, place.community)
                await self._gate.cross(uow, crossing_of(trial, said.by, said.override))
        move = LabelMove(
            id=self._ids.new("pm"),
            template=place.template,
            community=place.community,
            label=place.label,
            version=version,
            previous=_standing_on(moves),
            kind=kind,
            reason=said.reason,
            by=said.by,
            at=self._clock.now(),
        )
        await uow.prompts.add_move(move)
        await self._finish(uow)
        return move

    async def _require_fit(self, uow: UnitOfWork, template_id: str, number: int) -> None:
        version = await stored_version(uow, template_id, number)
        if problem := misfit(shipped_template(self._shipped, template_id), version):
            raise InvalidInput(f"This version does not fit this release: {problem}")

    async def _finish(self, uow: UnitOfWork) -> None:
        await uow.commit()
        self._shelf.look_again()

    def _clean(self, said: Word) -> Word:
        reason = clean_text(said.reason)[:500]
        if not reason:
            raise InvalidInput("Say what is changed and why.")
        return said._replace(reason=self._redactor.redact(reason).text)


async def _track(uow: UnitOfWork, place: Place) -> tuple[LabelMove, ...]:
    """Every move of this label, held until the transaction ends."""
    await uow.prompts.lock()
    return await uow.prompts.moves_of(place.template, place.community, place.label)


def _standing_on(moves: tuple[LabelMove, ...]) -> int | None:
    return moves[-1].version if moves else None


def _last(moves: tuple[LabelMove, ...]) -> LabelMove:
    if not moves:
        raise Conflict("This label stands on no version here.")
    return moves[-1]


def _latest_split(
    splits: tuple[PromptSplit, ...], template_id: str, community: str | None
) -> PromptSplit | None:
    place = template_id, community
    own = [one for one in splits if (one.template, one.community) == place]
    return own[-1] if own else None


def _next_number(newest: PromptVersion | None) -> int:
    number = newest.number + 1 if newest else 1
    if number > MOST_VERSIONS:
        raise Conflict(f"A template has at most {MOST_VERSIONS} versions.")
    return number
