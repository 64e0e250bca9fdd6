"""The managed part of the phrase bank: terms come, go, and are in force within seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.domain.bank import MOST_TERMS, BankTerm, TermDraft
from service.domain.taxonomy import Taxonomy
from service.errors import InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
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
        self, *, uow: UowFactory, taxonomy: Taxonomy, redactor: Redactor, clock: Clock, ids: Ids
    ) -> None:
        self._uow, self._taxonomy, self._redactor = uow, taxonomy, redactor
        self._clock, self._ids = clock, ids

    async def add(self, community: str | None, drafts: Sequence[TermDraft], *, by: str) -> Added:
        """Put terms in force; those that are there already are left as they are.

        Raises:
            InvalidInput: no term, a term that matches nearly everything, an unknown category, or
                more terms than a community may have.
        """
        if not drafts:
            raise InvalidInput("There are no terms.")
        for draft in drafts:
            self._check(draft)
        terms = [self._term(community, draft, by) for draft in drafts]
        async with self._uow() as uow:
            await uow.bank.lock()
            added = await uow.bank.add(terms)
            version = await self._publish(uow, community)
            await uow.commit()
        return Added(added, len(terms) - added, version)

    async def load(
        self, community: str | None, content: str, form: TermFormat, like: TermDraft, *, by: str
    ) -> Added:
        """Import a file of terms.

        Raises:
            InvalidInput: see `add` and `read_terms`; nothing is added then.
        """
        return await self.add(community, read_terms(content, form, like), by=by)

    async def retire(self, term_id: str, *, by: str, reason: str) -> BankTerm:
        """Take a term out of use. What it raised before stays raised.

        Raises:
            NotFound, IllegalTransition.
            InvalidInput: no reason.
        """
        if not reason.strip():
            raise InvalidInput("Say why the term is retired.")
        async with self._uow() as uow:
            await uow.bank.lock()
            term = await uow.bank.get(term_id, lock=True)
            if term is None:
                raise NotFound("There is no such term.")
            why = self._redactor.redact(reason.strip()).text
            retired = term.retired(by, self._clock.now(), why)
            await uow.bank.save(retired)
            await self._publish(uow, term.community)
            await uow.commit()
        return retired

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
