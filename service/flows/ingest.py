"""Messages come in: stored once, joined into cases, triage deferred, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from service.domain.case import Case
from service.domain.cleaning import clean_text, is_blank
from service.domain.message import IngestResult, IngestStatus, Message, NewMessage
from service.errors import InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.jobs import Job
from service.ports.store import CaseKey, UnitOfWork, UowFactory

MAX_BATCH = 1_000
"""Items of one call."""

TRIAGE_CHUNK = 128
"""Cases one triage job carries."""

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(hours=24)

Ref = tuple[str, str]

_KEPT = "The stored text differs; the first one is kept. Hand an edit in as a change."


class IngestFlow:
    """Accepts batches; a bad item never sinks its batch, a repeated one changes nothing."""

    def __init__(self, *, uow: UowFactory, clock: Clock, ids: Ids) -> None:
        self._uow, self._clock, self._ids = uow, clock, ids

    async def ingest(self, community: str, items: Sequence[object]) -> tuple[IngestResult, ...]:
        """Store what is new and answer for every item, in order.

        Args:
            items: JSON-like objects with the fields of `NewMessage`, at most `MAX_BATCH`.

        Raises:
            InvalidInput: the batch is empty or too large.
            NotFound: the community does not exist.
        """
        if not 1 <= len(items) <= MAX_BATCH:
            raise InvalidInput(f"Send 1 to {MAX_BATCH} messages at a time.", got=len(items))
        batch = _Batch(community, self._clock.now(), self._ids)
        for index, raw in enumerate(items):
            batch.take(index, raw)
        async with self._uow() as uow:
            await self._store(uow, batch)
            await uow.commit()
        return batch.answers()

    async def _store(self, uow: UnitOfWork, batch: _Batch) -> None:
        if await uow.communities.get(batch.community) is None:
            raise NotFound(f"There is no community {batch.community!r}.")
        if not batch.accepted:
            return
        await uow.cases.lock(batch.community)
        known = await uow.messages.known(batch.community, batch.refs())
        latest = await uow.cases.latest(batch.community, batch.keys())
        messages, cases = batch.settle(known, latest)
        await uow.cases.save(cases)
        await uow.messages.add(messages)
        for chunk in _chunks([case.id for case in cases], TRIAGE_CHUNK):
            await uow.jobs.defer(Job.TRIAGE, {"community": batch.community, "case_ids": chunk})


class _Batch:
    """One call's items on their way from raw objects to messages and cases."""

    def __init__(self, community: str, now: datetime, ids: Ids) -> None:
        self.community = community
        self.accepted: list[tuple[int, NewMessage]] = []
        self._now, self._ids = now, ids
        self._results: dict[int, IngestResult] = {}

    def take(self, index: int, raw: object) -> None:
        """Parse one item; a bad one is answered at once."""
        try:
            self.accepted.append((index, _parse(raw, self._now)))
        except InvalidInput as error:
            self._results[index] = IngestResult(
                index=index,
                status=IngestStatus.REJECTED,
                external_id=_external_id(raw),
                code=str(error.details.get("reason", error.code)),
                detail=error.message,
            )

    def refs(self) -> frozenset[Ref]:
        return frozenset((item.source, item.external_id) for _, item in self.accepted)

    def keys(self) -> frozenset[CaseKey]:
        return frozenset(_key(item) for _, item in self.accepted)

    def settle(
        self, known: Mapping[Ref, Message], latest: Mapping[CaseKey, Case]
    ) -> tuple[list[Message], list[Case]]:
        """New messages and the cases they opened or joined."""
        seen, open_cases = dict(known), dict(latest)
        touched: dict[str, Case] = {}
        messages: list[Message] = []
        for index, item in sorted(self.accepted, key=lambda pair: self._sent(pair[1])):
            ref = (item.source, item.external_id)
            if stored := seen.get(ref):
                self._results[index] = _duplicate(index, item, stored)
                continue
            case = self._case_for(item, open_cases.get(_key(item)))
            open_cases[_key(item)] = touched[case.id] = case
            seen[ref] = message = self._message(item, case)
            messages.append(message)
            self._results[index] = _accepted(index, message)
        return messages, list(touched.values())

    def answers(self) -> tuple[IngestResult, ...]:
        return tuple(self._results[index] for index in sorted(self._results))

    def _sent(self, item: NewMessage) -> datetime:
        return item.sent_at or self._now

    def _case_for(self, item: NewMessage, latest: Case | None) -> Case:
        sent = self._sent(item)
        if latest is not None and latest.joins(item, sent):
            return latest.model_copy(
                update={
                    "size": latest.size + 1,
                    "opened_at": min(latest.opened_at, sent),
                    "last_at": max(latest.last_at, sent),
                }
            )
        return Case(
            id=self._ids.new("case"),
            community=self.community,
            author=item.author,
            source=item.source,
            channel=item.channel,
            thread=item.thread,
            opened_at=sent,
            last_at=sent,
            size=1,
        )

    def _message(self, item: NewMessage, case: Case) -> Message:
        return Message(
            **item.model_dump(exclude={"sent_at"}),
            id=self._ids.new("msg"),
            community=self.community,
            sent_at=self._sent(item),
            received_at=self._now,
            case_id=case.id,
        )


def _parse(raw: object, now: datetime) -> NewMessage:
    cleaned = _cleaned(raw)
    try:
        item = NewMessage.model_validate(cleaned)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "item"
        raise InvalidInput(f"{field}: {first['msg']}", reason=f"bad_{field}") from error
    if item.sent_at and not _EARLIEST <= item.sent_at <= now + _CLOCK_SKEW:
        raise InvalidInput("sent_at: outside 2000 to tomorrow", reason="bad_sent_at")
    return item


def _cleaned(raw: object) -> dict[str, object]:
    if not isinstance(raw, Mapping):
        raise InvalidInput("item: must be an object", reason="bad_item")
    cleaned = {
        str(key): clean_text(value) if isinstance(value, str) else value
        for key, value in raw.items()
    }
    if isinstance(text := cleaned.get("text"), str) and is_blank(text):
        raise InvalidInput("text: empty", reason="empty_text")
    return cleaned


def _external_id(raw: object) -> str | None:
    value = raw.get("external_id") if isinstance(raw, Mapping) else None
    return clean_text(value)[:200] if isinstance(value, str) else None


def _key(item: NewMessage) -> CaseKey:
    return CaseKey(item.author, item.source, item.channel, item.thread)


def _accepted(index: int, message: Message) -> IngestResult:
    return IngestResult(
        index=index,
        status=IngestStatus.ACCEPTED,
        external_id=message.external_id,
        message_id=message.id,
        case_id=message.case_id,
    )


def _duplicate(index: int, item: NewMessage, stored: Message) -> IngestResult:
    differs = stored.text != item.text
    return IngestResult(
        index=index,
        status=IngestStatus.DUPLICATE,
        external_id=stored.external_id,
        message_id=stored.id,
        case_id=stored.case_id,
        code="text_differs" if differs else None,
        detail="The stored text differs; the first one is kept. Hand an edit in as a change."
        if differs
        else None,
    )


def _chunks(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
