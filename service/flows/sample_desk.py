"""What editors do with proposed test cases, and the suite that accepted ones make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from service.domain.base import Lang
from service.domain.cleaning import clean_text, is_blank
from service.domain.sample import (
    LONGEST_REASON,
    DraftWanted,
    RetrievalWanted,
    Sample,
    SampleStatus,
    SampleTask,
    TriageWanted,
    Wanted,
    golden_files,
)
from service.domain.taxonomy import Taxonomy
from service.errors import Conflict, InvalidInput, NotFound
from service.flows.sample_store import require_single, sample_text
from service.ports.clock import Clock
from service.ports.engines import Redactor
from service.ports.store import UnitOfWork, UowFactory


class SampleEdit(NamedTuple):
    """How an editor wants a sample; None keeps what was proposed."""

    text: str | None = None
    lang: Lang | None = None
    wanted: Wanted | None = None


class SampleDeskFlow:
    """Takes decisions on samples and gives out the accepted ones."""

    def __init__(
        self, *, uow: UowFactory, taxonomy: Taxonomy, redactor: Redactor, clock: Clock
    ) -> None:
        self._uow, self._taxonomy = uow, taxonomy
        self._redactor, self._clock = redactor, clock

    async def accept(self, sample_id: str, edit: SampleEdit, *, by: str) -> Sample:
        """Take it into the suite. Again, as it stands, changes nothing.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: no text, an unknown category or clause, another task's expectation, or a
                wording with personal data.
            Conflict: the member took the message back.
            DuplicateSample: another sample says the same.
        """
        async with self._uow() as uow:
            found = await _required(uow, sample_id)
            edited = self._edited(found, edit)
            if found.status is SampleStatus.ACCEPTED and edited == found:
                return found
            done = edited.decided(SampleStatus.ACCEPTED, by, self._clock.now())
            await self._check(uow, done)
            await uow.samples.save(done)
            await uow.commit()
        return done

    async def reject(self, sample_id: str, *, by: str, reason: str) -> Sample:
        """Refuse it; nothing of its case is suggested again.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: no reason, or too long a one.
        """
        return await self._decide(sample_id, SampleStatus.REJECTED, by, reason)

    async def retire(self, sample_id: str, *, by: str, reason: str) -> Sample:
        """Take an accepted one out of the suite.

        Raises:
            NotFound, IllegalTransition, InvalidInput: as `reject`.
        """
        return await self._decide(sample_id, SampleStatus.RETIRED, by, reason)

    async def suite(self, community: str, task: SampleTask) -> tuple[Sample, ...]:
        """The accepted ones of a task, in the order they were accepted."""
        async with self._uow() as uow:
            return await uow.samples.accepted(community, task)

    async def files(self, community: str) -> dict[str, str]:
        """The whole suite: file name to lines.

        Raises:
            NotFound: no such community.
        """
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound("There is no such community.")
            found = [await uow.samples.accepted(community, task) for task in SampleTask]
        return golden_files(one for samples in found for one in samples)

    def _edited(self, found: Sample, edit: SampleEdit) -> Sample:
        wanted = edit.wanted or found.wanted
        if wanted.task != found.wanted.task:
            raise InvalidInput(f"This case expects something of {found.wanted.task}.")
        text = found.text if edit.text is None else sample_text(edit.text, self._redactor)
        changes = {"text": text, "lang": edit.lang or found.lang, "wanted": wanted}
        return found.model_copy(update=changes)

    async def _check(self, uow: UnitOfWork, sample: Sample) -> None:
        await uow.samples.lock(sample.community)
        if await uow.changes.withdrawn(sample.case_id):
            raise Conflict("The member took this back.")
        self._require_clean(sample.wanted)
        if isinstance(sample.wanted, TriageWanted):
            known = {one.id for one in self._taxonomy.categories}
            _require("category", sample.wanted.categories, known)
        elif named := _clauses(sample.wanted):
            live = await uow.documents.live_clauses(sample.community)
            _require("clause", named, {one.id for one in live})
        require_single(sample, await uow.samples.live(sample.community, sample.task))

    def _require_clean(self, wanted: Wanted) -> None:
        if not isinstance(wanted, DraftWanted):
            return
        for phrase in (*wanted.must_say, *wanted.must_not_say):
            if self._redactor.redact(phrase).spans:
                raise InvalidInput("A wording must not hold personal data.")

    async def _decide(self, sample_id: str, to: SampleStatus, by: str, reason: str) -> Sample:
        note = self._note(reason)
        async with self._uow() as uow:
            found = await _required(uow, sample_id)
            done = found.decided(to, by, self._clock.now(), note)
            await uow.samples.save(done)
            await uow.commit()
        return done

    def _note(self, reason: str) -> str:
        clean = clean_text(reason).strip()
        if is_blank(clean) or len(clean) > LONGEST_REASON:
            raise InvalidInput(f"Say why, in at most {LONGEST_REASON} characters.")
        return self._redactor.redact(clean).text


def _clauses(wanted: DraftWanted | RetrievalWanted) -> tuple[str, ...]:
    return wanted.cite if isinstance(wanted, DraftWanted) else wanted.clauses


def _require(what: str, named: Iterable[str], known: set[str]) -> None:
    if missing := [one for one in named if one not in known]:
        raise InvalidInput(f"There is no such {what}: {', '.join(missing)}.")


async def _required(uow: UnitOfWork, sample_id: str) -> Sample:
    found = await uow.samples.get(sample_id, lock=True)
    if found is None:
        raise NotFound("There is no such test case.")
    return found
