"""Members edit, withdraw and leave: the facts are kept, and edited cases are judged again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from service.domain.change import ChangeKind, MessageChange, NewChange, change_id
from service.domain.cleaning import clean_text, is_blank
from service.domain.message import IngestResult, IngestStatus, Message
from service.errors import InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory

MAX_CHANGES = 500
"""Items of one call."""

UNKNOWN = "unknown_message"


class _Taken(NamedTuple):
    place: int
    change: MessageChange


class ChangesFlow:
    """Takes changes of messages; a bad one never sinks its batch, a repeated one adds nothing."""

    def __init__(self, *, uow: UowFactory, clock: Clock, ids: Ids) -> None:
        self._uow, self._clock, self._ids = uow, clock, ids

    async def take(self, community: str, items: Sequence[object]) -> tuple[IngestResult, ...]:
        """Store what is new; answer for every item, in order.

        An edit counts as one more step of its case: triage and draft of the former text are out
        of date at once and made anew.

        Raises:
            InvalidInput: the batch is empty or too large.
            NotFound: the community does not exist.
        """
        if not 1 <= len(items) <= MAX_CHANGES:
            raise InvalidInput(f"Send 1 to {MAX_CHANGES} changes at a time.", got=len(items))
        parsed = [_parse(index, raw) for index, raw in enumerate(items)]
        wanted = [(n, one) for n, one in enumerate(parsed) if isinstance(one, NewChange)]
        answers = {one.index: one for one in parsed if isinstance(one, IngestResult)}
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound("There is no such community.")
            await uow.cases.lock(community)
            answers |= await self._store(uow, community, wanted)
            await uow.commit()
        return tuple(answers[index] for index in sorted(answers))

    async def _store(
        self, uow: UnitOfWork, community: str, wanted: Sequence[tuple[int, NewChange]]
    ) -> dict[int, IngestResult]:
        refs = {(one.source, one.external_id) for _, one in wanted if one.external_id}
        known = await uow.messages.known(community, refs)
        answers: dict[int, IngestResult] = {}
        taken: dict[str, _Taken] = {}
        for index, one in wanted:
            message = known.get((one.source, one.external_id or ""))
            if message is None and one.kind is not ChangeKind.LEFT:
                answers[index] = _refused(index, one.external_id, UNKNOWN, "no such message")
                continue
            change = self._change(community, one, message)
            answers[index] = _answer(index, IngestStatus.DUPLICATE, change, one)
            taken.setdefault(change.id, _Taken(index, change))
        fresh = await uow.changes.add([one.change for one in taken.values()])
        for found in (taken[one] for one in fresh):
            status = {"status": IngestStatus.ACCEPTED}
            answers[found.place] = answers[found.place].model_copy(update=status)
        await self._judge_again(uow, community, [taken[one].change for one in fresh])
        return answers

    def _change(self, community: str, one: NewChange, message: Message | None) -> MessageChange:
        now = self._clock.now()
        return MessageChange(
            id=change_id(community, one),
            community=community,
            kind=one.kind,
            source=one.source,
            author=message.author if message else one.author or "",
            message_id=message.id if message else None,
            case_id=message.case_id if message else None,
            text=one.text,
            at=one.at or now,
            received_at=now,
        )

    async def _judge_again(
        self, uow: UnitOfWork, community: str, fresh: Sequence[MessageChange]
    ) -> None:
        edits = [one.case_id for one in fresh if one.kind is ChangeKind.EDITED and one.case_id]
        if not edits:
            return
        texts = await uow.cases.texts(set(edits))
        await uow.cases.save(
            one.case.model_copy(update={"size": one.case.size + edits.count(one.case.id)})
            for one in texts.values()
        )
        await uow.jobs.defer(Job.TRIAGE, {"community": community, "case_ids": sorted(texts)})


def _parse(index: int, raw: object) -> NewChange | IngestResult:
    given = raw if isinstance(raw, dict) else {}
    clean = {k: clean_text(v) if isinstance(v, str) else v for k, v in given.items()}
    ref = clean.get("external_id")
    external_id = ref[:200] if isinstance(ref, str) else None
    try:
        change = NewChange.model_validate(clean)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "item"
        return _refused(index, external_id, "bad_change", f"{field}: {first['msg']}")
    if change.text is not None and is_blank(change.text):
        return _refused(index, external_id, "empty_text", "text: empty; withdraw it instead")
    return change


def _answer(
    index: int, status: IngestStatus, change: MessageChange, one: NewChange
) -> IngestResult:
    return IngestResult(
        index=index,
        status=status,
        external_id=one.external_id,
        message_id=change.message_id,
        case_id=change.case_id,
    )


def _refused(index: int, external_id: str | None, code: str, detail: str) -> IngestResult:
    return IngestResult(
        index=index,
        status=IngestStatus.REJECTED,
        external_id=external_id,
        code=code,
        detail=detail,
    )
