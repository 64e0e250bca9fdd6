"""What editors do with suggestions for the FAQ, and the document their entries make."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from service.domain.base import Lang
from service.domain.cleaning import clean_text, is_blank
from service.domain.knowledge import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    LONGEST_REASON,
    Suggestion,
    SuggestionStatus,
    slug_of,
)
from service.drafting.knowledge import personal
from service.drafting.knowledge_page import page_of
from service.errors import Conflict, InvalidInput, NotFound
from service.ports.clock import Clock
from service.ports.engines import Redactor
from service.ports.jobs import Job
from service.ports.knowledge import Shelf
from service.ports.store import UnitOfWork, UowFactory

MOST_ENTRIES = 999
"""Numbers that a heading is read by."""

LONGEST_REST = 365
"""Days a suggestion can be put off."""

_ROUNDS = 5


class Wording(NamedTuple):
    """How an editor wants an entry; None keeps what was suggested."""

    question: str | None = None
    answer: str | None = None
    lang: Lang | None = None


class KnowledgeDeskFlow:
    """Takes decisions and keeps the document of accepted entries."""

    def __init__(self, *, uow: UowFactory, shelf: Shelf, redactor: Redactor, clock: Clock) -> None:
        self._uow, self._shelf, self._redactor, self._clock = uow, shelf, redactor, clock

    async def accept(self, suggestion_id: str, wording: Wording, *, by: str) -> Suggestion:
        """Make it a clause of the grown FAQ. Again, with the entry as it stands, changes nothing.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: no text, too long a text, or one with personal data.
            Conflict: no approval behind it stands any more, or its document is not ours.
        """
        await self._require_shelf(suggestion_id, wording.lang)
        async with self._uow() as uow:
            found = await _required(uow, suggestion_id)
            await uow.knowledge.lock(found.community)
            entry = await self._entry(uow, found, wording, by)
            await uow.knowledge.save(entry)
            await _defer_publish(uow, entry, by)
            await uow.commit()
        await self.publish(entry.community, entry.lang, by=by)
        return entry

    async def reject(self, suggestion_id: str, *, by: str, reason: str) -> Suggestion:
        """Refuse it for good: the matter is not suggested again.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: no reason, or too long a one.
        """
        note = self._note(reason)
        return await self._decide(suggestion_id, SuggestionStatus.REJECTED, by, note)

    async def postpone(self, suggestion_id: str, *, by: str, days: int) -> Suggestion:
        """Put it off; it waits again after so many days.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: not 1 to 365 days.
        """
        if not 1 <= days <= LONGEST_REST:
            raise InvalidInput(f"Put it off for 1 to {LONGEST_REST} days.")
        until = self._clock.now() + timedelta(days=days)
        async with self._uow() as uow:
            found = await _required(uow, suggestion_id)
            later = found.decided(SuggestionStatus.POSTPONED, by, self._clock.now())
            later = later.model_copy(update={"postponed_until": until})
            await uow.knowledge.save(later)
            await uow.commit()
        return later

    async def retire(self, suggestion_id: str, *, by: str, reason: str) -> Suggestion:
        """Take an accepted entry out of the FAQ; its number is not given again.

        Raises:
            NotFound, IllegalTransition, InvalidInput: as `reject`.
            Conflict: its document is not ours any more.
        """
        note = self._note(reason)
        await self._require_shelf(suggestion_id, None)
        retired = await self._decide(suggestion_id, SuggestionStatus.RETIRED, by, note)
        await self.publish(retired.community, retired.lang, by=by)
        return retired

    async def publish(self, community: str, lang: Lang, *, by: str) -> None:
        """Bring the document up to the accepted entries; idempotent.

        Two may do so at once: whoever stored last looks again whether that was the newest.
        """
        done: bytes | None = None
        for _ in range(_ROUNDS):
            async with self._uow() as uow:
                entries = await uow.knowledge.entries(community, lang)
            page = page_of(entries, lang)
            if page == done:
                return
            if entries:
                await self._shelf.put(community, slug_of(lang), page, by=by)
            else:
                await self._shelf.take_down(community, slug_of(lang), by=by)
            done = page

    async def _require_shelf(self, suggestion_id: str, lang: Lang | None) -> None:
        async with self._uow() as uow:
            found = await _required(uow, suggestion_id)
        await self._shelf.require_ours(found.community, slug_of(lang or found.lang))

    async def _entry(
        self, uow: UnitOfWork, found: Suggestion, wording: Wording, by: str
    ) -> Suggestion:
        worded = self._worded(found, wording)
        if found.status is SuggestionStatus.ACCEPTED and worded == found:
            return found
        entry = worded.decided(SuggestionStatus.ACCEPTED, by, self._clock.now())
        decisions = [one.decision_id for one in found.sources]
        if not await uow.knowledge.standing(decisions):
            raise Conflict("The approvals behind this were taken back, or the member withdrew.")
        number = 1 + await uow.knowledge.last_number(entry.community, entry.lang)
        if number > MOST_ENTRIES:
            raise Conflict(f"This FAQ has {MOST_ENTRIES} entries; move some to a document.")
        return entry.model_copy(update={"number": number})

    def _worded(self, found: Suggestion, wording: Wording) -> Suggestion:
        question = found.question if wording.question is None else wording.question
        answer = found.answer if wording.answer is None else wording.answer
        texts = {
            "question": self._text(" ".join(question.split()), LONGEST_QUESTION),
            "answer": self._text(answer, LONGEST_ANSWER),
        }
        return found.model_copy(update=texts | {"lang": wording.lang or found.lang})

    def _text(self, given: str, most: int) -> str:
        clean = clean_text(given).strip()
        if is_blank(clean) or len(clean) > most:
            raise InvalidInput(f"Question and answer must not be empty; at most {most} characters.")
        if personal(self._redactor.redact(clean)):
            raise InvalidInput("An entry must not hold personal data.")
        return clean

    def _note(self, reason: str) -> str:
        clean = clean_text(reason).strip()
        if is_blank(clean) or len(clean) > LONGEST_REASON:
            raise InvalidInput(f"Say why, in at most {LONGEST_REASON} characters.")
        return self._redactor.redact(clean).text

    async def _decide(
        self, suggestion_id: str, to: SuggestionStatus, by: str, note: str
    ) -> Suggestion:
        async with self._uow() as uow:
            found = await _required(uow, suggestion_id)
            done = found.decided(to, by, self._clock.now(), note)
            await uow.knowledge.save(done)
            if to is SuggestionStatus.RETIRED:
                await _defer_publish(uow, done, by)
            await uow.commit()
        return done


async def _required(uow: UnitOfWork, suggestion_id: str) -> Suggestion:
    found = await uow.knowledge.get(suggestion_id, lock=True)
    if found is None:
        raise NotFound("There is no such suggestion.")
    return found


async def _defer_publish(uow: UnitOfWork, entry: Suggestion, by: str) -> None:
    """In case the process ends before it published."""
    payload = {"community": entry.community, "lang": entry.lang.value, "by": by}
    await uow.jobs.defer(Job.PUBLISH, payload, key=f"publish:{entry.community}:{entry.lang}")
