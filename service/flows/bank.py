"""The managed part of the phrase bank: terms come, go, and are in force within seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.domain.bank import MOST_TERMS, BankTerm, TermDraft
from service.domain.evaluation import Trial, crossing_of
from service.domain.taxonomy import Taxonomy
from service.errors import InvalidInput, NotFound
from service.flows.bank_trial import bank_trial
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.evaluations import Gate
from service.ports.store import UnitOfWork, UowFactory
from service.triage.bank_terms import TermFormat, check_term, read_terms, terms_stamp

PART = "bank"
"""Name of the managed terms among the versions of what engines are built from."""


class Added(NamedTuple):
    """How many terms are new, and how many were there already; `version` is now in force."""

    added: int
    known: int
    version: str


class BankFlow:
    """Keeps the terms; engines take them up by their version."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        taxonomy: Taxonomy,
        gate: Gate,
        redactor: Redactor,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._taxonomy, self._redactor = uow, taxonomy, redactor
        self._gate, self._clock, self._ids = gate, clock, ids

    async def add(
        self,
        community: str | None,
        drafts: Sequence[TermDraft],
        *,
        by: str,
        override: str = "",
    ) -> Added:
        """Put terms in force; those that are there already are left as they are.

        Args:
            override: why an administrator goes past the gate.

        Raises:
            InvalidInput: no term, a term that matches nearly everything, an unknown category, or
                more terms than a community may have.
            NotCompared: the terms with those in force have no passing comparison.
        """
        async with self._uow() as uow:
            trial, added = await self._adding(uow, community, drafts, by)
            if added:
                await self._gate.cross(uow, crossing_of(trial, by, override))
            version = await self._publish(uow, community)
            await uow.commit()
        return Added(added, len(drafts) - added, version)

    async def trial(self, community: str | None, drafts: Sequence[TermDraft]) -> Trial:
        """What compares the terms in force with these beside them; nothing is stored.

        Raises:
            InvalidInput: see `add`.
        """
        async with self._uow() as uow:
            return (await self._adding(uow, community, drafts, ""))[0]

    async def load(
        self,
        community: str | None,
        content: str,
        form: TermFormat,
        like: TermDraft,
        *,
        by: str,
        override: str = "",
    ) -> Added:
        """Import a file of terms.

        Raises:
            InvalidInput: see `add` and `read_terms`; nothing is added then.
            NotCompared: see `add`.
        """
        drafts = read_terms(content, form, like)
        return await self.add(community, drafts, by=by, override=override)

    async def retire(self, term_id: str, *, by: str, reason: str, override: str = "") -> BankTerm:
        """Take a term out of use. What it raised before stays raised.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: no reason.
            NotCompared: the terms that stay have no passing comparison.
        """
        if not reason.strip():
            raise InvalidInput("Say why the term is retired.")
        why = self._redactor.redact(reason.strip()).text
        async with self._uow() as uow:
            trial, retired = await self._retiring(uow, term_id, by, why)
            await self._gate.cross(uow, crossing_of(trial, by, override))
            await self._publish(uow, retired.community)
            await uow.commit()
        return retired

    async def trial_without(self, term_id: str) -> Trial:
        """What compares the terms in force with those that stay without this one; nothing is
        stored.

        Raises:
            NotFound, IllegalTransition.
        """
        async with self._uow() as uow:
            return (await self._retiring(uow, term_id, "", ""))[0]

    async def _adding(
        self, uow: UnitOfWork, community: str | None, drafts: Sequence[TermDraft], by: str
    ) -> tuple[Trial, int]:
        """The change as it would be, and how many are new; lasts only if committed."""
        if not drafts:
            raise InvalidInput("There are no terms.")
        for draft in drafts:
            self._check(draft)
        await uow.bank.lock()
        before = await uow.bank.active(community)
        added = await uow.bank.add([self._term(community, draft, by) for draft in drafts])
        after = await uow.bank.active(community)
        return bank_trial(community, before, after), added

    async def _retiring(
        self, uow: UnitOfWork, term_id: str, by: str, why: str
    ) -> tuple[Trial, BankTerm]:
        """See `_adding`."""
        await uow.bank.lock()
        term = await uow.bank.get(term_id, lock=True)
        if term is None:
            raise NotFound("There is no such term.")
        before = await uow.bank.active(term.community)
        retired = term.retired(by, self._clock.now(), why)
        await uow.bank.save(retired)
        after = await uow.bank.active(term.community)
        return bank_trial(term.community, before, after), retired

    def _check(self, draft: TermDraft) -> None:
        check_term(draft)
        known = {category.id for category in self._taxonomy.categories}
        if draft.category is not None and draft.category not in known:
            raise InvalidInput("There is no such category.", category=draft.category)

    def _term(self, community: str | None, draft: TermDraft, by: str) -> BankTerm:
        return BankTerm(
            id=self._ids.new("trm"),
            community=community,
            **draft.model_dump(),
            created_by=by,
            created_at=self._clock.now(),
        )

    async def _publish(self, uow: UnitOfWork, community: str | None) -> str:
        """Name the set now in force; every process sees the new name within a second."""
        active = await uow.bank.active(community, own=True)
        if len(active) > MOST_TERMS:
            raise InvalidInput(f"There may be {MOST_TERMS} terms at once.")
        name, version = PART if community is None else f"{PART}/{community}", terms_stamp(active)
        await uow.versions.put(name, version, self._clock.now())
        return version
