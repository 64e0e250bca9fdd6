"""People judge texts by rubrics, blind, without meeting over the same text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.domain.base import Lang
from service.domain.labelling import (
    EVERYBODY,
    LEASE,
    About,
    Label,
    LabelItem,
    Material,
    NewItem,
    Rater,
    Work,
    wanted_for,
)
from service.domain.taxonomy import Taxonomy
from service.errors import AlreadyClaimed, InvalidInput, NotFound
from service.flows.label_material import material_of
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.store import UnitOfWork, UowFactory
from service.quality.rubrics import rubric_of

RESERVED = ("draft:", "triage:")
"""Beginnings of the names of what is read where it stands."""


class LabellingFlow:
    """Items and labels."""

    def __init__(
        self, *, uow: UowFactory, redactor: Redactor, taxonomy: Taxonomy, clock: Clock, ids: Ids
    ) -> None:
        self._uow, self._redactor, self._taxonomy = uow, redactor, taxonomy
        self._clock, self._ids = clock, ids

    async def draw(self, community: str, rubric: str, count: int, by: str) -> int:
        """Make items of decided drafts, chosen without looking at them; how many.

        Raises:
            NotFound: no such rubric.
            InvalidInput: the rubric is about something else than replies.
        """
        if rubric_of(rubric).about is not About.REPLY:
            raise InvalidInput("This rubric does not judge drafts; spot checks bring its texts.")
        async with self._uow() as uow:
            drafts = await uow.labels.decided_drafts(community, rubric, count)
            items = [
                self._item(community, rubric, f"draft:{one.draft_id}", one.lang, by).model_copy(
                    update={"draft_id": one.draft_id}
                )
                for one in drafts
            ]
            added = await uow.labels.add_items(items)
            await uow.commit()
        return added

    async def give(self, community: str, rubric: str, given: Sequence[NewItem], by: str) -> int:
        """Store texts from elsewhere, redacted; how many were new by their name.

        Raises:
            NotFound: no such rubric.
            InvalidInput: a golden value the scale does not have, or a name kept for drafts and
                triages.
        """
        values = rubric_of(rubric).scale.values
        if any(one.golden is not None and one.golden not in values for one in given):
            raise InvalidInput("A golden value must be one of the rubric's scale.")
        if any(one.ref.startswith(RESERVED) for one in given):
            raise InvalidInput("Names that begin with `draft:` or `triage:` are kept.")
        items = [self._given(community, rubric, one, by) for one in given]
        async with self._uow() as uow:
            added = await uow.labels.add_items(items)
            await uow.commit()
        return added

    async def next(self, community: str, rubric: str, by: str) -> Work | None:
        """The next text for this person, held for them for a while; None where nothing waits.

        Raises:
            NotFound: no such rubric.
        """
        rubric_of(rubric)
        now = self._clock.now()
        async with self._uow() as uow:
            item = await uow.labels.claim(community, rubric, by, now, now + LEASE)
            work = await self._work(uow, item) if item else None
            await uow.commit()
        return work

    async def put(self, item_id: str, value: int | None, by: str, *, note: str = "") -> Label:
        """Append what a person said; None skips. Saying the same again adds nothing.

        Raises:
            NotFound: no such item.
            InvalidInput: the rubric's scale does not have the value.
            AlreadyClaimed: it was meanwhile shown to somebody else.
        """
        now = self._clock.now()
        async with self._uow() as uow:
            item = await uow.labels.get(item_id, lock=True)
            if item is None:
                raise NotFound("There is no such text.")
            if await uow.labels.holder(item_id, now) not in (None, by):
                raise AlreadyClaimed("This text was given to somebody else meanwhile.")
            last = await uow.labels.standing(item_id, Rater.PERSON, by)
            if last is None or (last.value, last.note) != (value, note):
                last = self._label(item, value, by, note, now)
                await uow.labels.add(last)
            await uow.labels.hold(item_id, None, None)
            await uow.commit()
        return last

    async def undo(self, community: str, rubric: str, by: str) -> Work | None:
        """Take back the person's last word of a rubric and show the text again; None where there
        is none.

        Raises:
            AlreadyClaimed: somebody else is looking at it now.
        """
        now = self._clock.now()
        async with self._uow() as uow:
            last = await uow.labels.last_by(community, rubric, by)
            item = await uow.labels.get(last.item_id, lock=True) if last else None
            if last is None or item is None:
                return None
            if await uow.labels.holder(item.id, now) not in (None, by):
                raise AlreadyClaimed("Somebody else is looking at that text now.")
            back = {"id": self._ids.new("lab"), "undone": True, "at": now}
            await uow.labels.add(last.model_copy(update=back))
            await uow.labels.hold(item.id, by, now + LEASE)
            work = await self._work(uow, item)
            await uow.commit()
        return work

    def _label(
        self, item: LabelItem, value: int | None, by: str, note: str, now: datetime
    ) -> Label:
        rubric = rubric_of(item.rubric)
        if value is not None and value not in rubric.scale.values:
            raise InvalidInput("The rubric's scale does not have this value.")
        return Label(
            id=self._ids.new("lab"),
            item_id=item.id,
            rubric_version=rubric.version,
            rubric_hash=rubric.hash,
            rater=Rater.PERSON,
            by=by,
            value=value,
            note=self._clean(note.strip()),
            at=now,
        )

    def _given(self, community: str, rubric: str, one: NewItem, by: str) -> LabelItem:
        material = Material(
            question=self._clean(one.material.question),
            answer=self._clean(one.material.answer),
            sources=tuple(self._clean(source) for source in one.material.sources),
        )
        item = self._item(community, rubric, one.ref, one.lang, by)
        wanted = item.wanted if one.golden is None else EVERYBODY
        return item.model_copy(
            update={"material": material, "golden": one.golden, "wanted": wanted}
        )

    def _item(self, community: str, rubric: str, ref: str, lang: Lang, by: str) -> LabelItem:
        return LabelItem(
            id=self._ids.new("itm"),
            community=community,
            rubric=rubric,
            ref=ref,
            draft_id=None,
            material=None,
            lang=lang,
            golden=None,
            wanted=wanted_for(ref),
            added_by=by,
            created_at=self._clock.now(),
        )

    def _clean(self, text: str) -> str:
        return self._redactor.redact(text).text

    async def _work(self, uow: UnitOfWork, item: LabelItem) -> Work:
        material = await material_of(uow, item, self._redactor, self._taxonomy)
        return Work(item_id=item.id, rubric=item.rubric, lang=item.lang, material=material)
