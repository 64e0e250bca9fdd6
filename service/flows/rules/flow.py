"""Rule documents: uploaded, compared, published, retired."""

from __future__ import annotations

import asyncio
import hashlib
from typing import NamedTuple

from retrieval.chunking import clauses_of
from retrieval.corpus import Difference, diff, meta_of, safe_slug
from retrieval.documents import ParsedDocument, parse
from retrieval.errors import DocumentUnreadable
from retrieval.types import Clause, DocumentKind
from service.domain.document import Document, DocumentStatus, RulesPolicy
from service.domain.evaluation import (
    Basis,
    Evaluation,
    EvaluationVerdict,
    SubjectKind,
    Trial,
)
from service.errors import InvalidInput, NotCompared, NotFound
from service.flows.rules.policy import PolicyOf
from service.flows.rules.rule_set import RuleChange, RuleSet, live_set
from service.ports.clock import Clock, Ids
from service.ports.evaluations import Comparisons, Gate
from service.ports.store import UnitOfWork, UowFactory


class Upload(NamedTuple):
    """A file handed in. `slug` and `kind` override what the document says of itself; `shipped` is
    a release's own, which its build compared."""

    filename: str
    data: bytes
    mime: str | None = None
    slug: str | None = None
    kind: DocumentKind | None = None
    shipped: bool = False


class Uploaded(NamedTuple):
    """The version, live or staged; what it changes; what held for it; the comparison it waits
    for."""

    document: Document
    changes: Difference
    policy: RulesPolicy
    evaluation: Evaluation | None = None


class RulesFlow:
    """Keeps documents under version; search reads what is live."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        gate: Gate,
        comparisons: Comparisons,
        policy: PolicyOf,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._gate, self._comparisons = uow, gate, comparisons
        self._policy, self._clock, self._ids = policy, clock, ids

    async def upload(
        self, community: str, given: Upload, *, by: str, override: str = ""
    ) -> Uploaded:
        """Store a new version. Where the gate is shut to it, it is staged and its comparison is
        queued; it goes live by itself once that passed. The same content again changes nothing.

        Raises:
            InvalidInput: the document cannot be read, or the reason is too short or too long.
            NotFound: the community does not exist.
        """
        document, parsed = await asyncio.to_thread(self._read, community, given, by)
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound(f"There is no community {community!r}.")
            before = await self._locked(uow, community)
            policy = await self._policy.of(uow, community, before)
            known = await self._known(uow, before, document, policy)
            if known and (not override or known.document.status is DocumentStatus.LIVE):
                return known
            version = await _next_version(uow, community, document.slug)
            clauses = clauses_of(
                parsed,
                slug=document.slug,
                document_id=document.id,
                version=version,
                kind=document.kind,
            )
            stored = document.model_copy(update={"version": version, "clause_count": len(clauses)})
            done = await self._store(uow, stored, clauses, before, policy, override, given.shipped)
            await uow.commit()
        return done

    async def publish(self, community: str, slug: str, *, by: str, override: str = "") -> Document:
        """Put the staged version in use.

        Raises:
            NotFound: nothing is staged under this slug.
            NotCompared: it did not pass, and no reason is given.
            InvalidInput: the reason is too short or too long.
        """
        async with self._uow() as uow:
            before = await self._locked(uow, community)
            staged, change = await self._staged_change(uow, community, slug, before)
            policy = await self._policy.of(uow, community, before)
            await self._cross(uow, change, by, override, policy)
            await uow.documents.publish(staged)
            await uow.commit()
        return staged.model_copy(update={"status": DocumentStatus.LIVE})

    async def settle(self, evaluation: Evaluation) -> None:
        """Put in use what waited for this comparison, where it passed and nothing moved since."""
        passed = evaluation.verdict is EvaluationVerdict.PASS
        community = evaluation.community
        if evaluation.kind is not SubjectKind.RULES or not passed or community is None:
            return
        try:
            await self.publish(community, evaluation.name, by=evaluation.requested_by)
        except (NotFound, NotCompared):
            return  # discarded, or compared with what was live before

    async def discard(self, community: str, slug: str) -> None:
        """Let go of a staged version; what is live stays.

        Raises:
            NotFound: nothing is staged under this slug.
        """
        async with self._uow() as uow:
            await self._locked(uow, community)
            if not await uow.documents.discard(community, slug):
                raise NotFound(f"Nothing is staged as {slug!r}.")
            await uow.commit()

    async def retire(self, community: str, slug: str, *, by: str, override: str = "") -> None:
        """Take a document out of use; its versions stay readable.

        Raises:
            NotFound: no live document has this slug.
            NotCompared: the set without it did not pass, and no reason is given.
            InvalidInput: the reason is too short or too long.
        """
        async with self._uow() as uow:
            before = await self._locked(uow, community)
            change = _removal(community, slug, before)
            policy = await self._policy.of(uow, community, before)
            await self._cross(uow, change, by, override, policy)
            await uow.documents.retire(community, slug)
            await uow.commit()

    async def trial(self, community: str, slug: str) -> Trial:
        """What compares the staged version with what is live.

        Raises:
            NotFound: nothing is staged under this slug.
        """
        async with self._uow() as uow:
            before = await live_set(uow, community)
            _, change = await self._staged_change(uow, community, slug, before)
        return change.trial()

    async def trial_without(self, community: str, slug: str) -> Trial:
        """What compares the set without a document with what is live.

        Raises:
            NotFound: no live document has this slug.
            InvalidInput: nothing would be left.
        """
        async with self._uow() as uow:
            return _trial_without(community, slug, await live_set(uow, community))

    async def replay_of(self, community: str, given: Upload) -> Trial:
        """What replays this document in the place of the live one; nothing is stored.

        Raises:
            InvalidInput: the document cannot be read; the message says why.
        """
        document, parsed = await asyncio.to_thread(self._read, community, given, "")
        clauses = clauses_of(
            parsed, slug=document.slug, document_id=document.id, version=0, kind=document.kind
        )
        async with self._uow() as uow:
            return _arrival(document, clauses, await live_set(uow, community)).trial()

    async def replay_without(self, community: str, slug: str) -> Trial:
        """What replays the set without a document, also where none is left.

        Raises:
            NotFound: no live document has this slug.
        """
        async with self._uow() as uow:
            return _removal(community, slug, await live_set(uow, community)).trial()

    async def ask_without(self, community: str, slug: str, *, by: str) -> Evaluation:
        """Ask for that comparison.

        Raises:
            NotFound, InvalidInput: as `trial_without`.
        """
        async with self._uow() as uow:
            trial = _trial_without(community, slug, await live_set(uow, community))
            asked = await self._comparisons.ask(uow, trial, by=by)
            await uow.commit()
        return asked

    async def get(self, community: str, slug: str) -> tuple[Document, tuple[Clause, ...]]:
        """The live version and its clauses.

        Raises:
            NotFound: no live document has this slug.
        """
        async with self._uow() as uow:
            document = await uow.documents.live(community, slug)
            if document is None:
                raise NotFound(f"There is no live document {slug!r}.")
            return document, await uow.documents.clauses_of(document.id)

    async def history(self, community: str) -> tuple[Document, ...]:
        """Every version of every document."""
        async with self._uow() as uow:
            return await uow.documents.list(community, history=True)

    async def policy(self, community: str) -> RulesPolicy:
        """What holds for a change now, and why."""
        async with self._uow() as uow:
            return await self._policy.of(uow, community, await live_set(uow, community))

    async def _locked(self, uow: UnitOfWork, community: str) -> RuleSet:
        await uow.cases.lock(f"rules:{community}")
        return await live_set(uow, community)

    async def _known(
        self, uow: UnitOfWork, before: RuleSet, document: Document, policy: RulesPolicy
    ) -> Uploaded | None:
        """The version that has this content already, live or staged."""
        live = before.get(document.slug)
        if live and live.document.content_hash == document.content_hash:
            return Uploaded(live.document, diff(live.clauses, live.clauses), policy)
        staged = await uow.documents.staged(document.community, document.slug)
        if staged is None or staged.content_hash != document.content_hash:
            return None
        clauses = await uow.documents.clauses_of(staged.id)
        return Uploaded(staged, diff(live.clauses if live else (), clauses), policy)

    async def _store(
        self, uow: UnitOfWork, document: Document, clauses: tuple[Clause, ...], before: RuleSet,
        policy: RulesPolicy, override: str, shipped: bool,
    ) -> Uploaded:  # fmt: skip
        change = _arrival(document, clauses, before)
        old = before.get(document.slug)
        changes = diff(old.clauses if old else (), clauses)
        try:
            basis = Basis.SHIPPED if shipped else None
            await self._cross(uow, change, document.created_by, override, policy, basis)
        except NotCompared:
            staged = document.model_copy(update={"status": DocumentStatus.STAGED})
            await uow.documents.add_version(staged, clauses)
            asked = await self._comparisons.ask(uow, change.trial(), by=document.created_by)
            return Uploaded(staged, changes, policy, asked)
        await uow.documents.add_version(document, clauses)
        return Uploaded(document, changes, policy)

    async def _cross(
        self, uow: UnitOfWork, change: RuleChange, by: str, override: str, policy: RulesPolicy,
        basis: Basis | None = None,
    ) -> None:  # fmt: skip
        """Past the gate; the first rules of a community have nothing to be compared with, and what
        changes no clause changes no answer."""
        if change.before.hash == change.after.hash:
            return
        if basis is None and not change.before.clauses:
            basis = Basis.FIRST
        crossing = change.crossing(by, override, policy.policy)
        await self._gate.cross(uow, crossing._replace(basis=basis))

    async def _staged_change(
        self, uow: UnitOfWork, community: str, slug: str, before: RuleSet
    ) -> tuple[Document, RuleChange]:
        staged = await uow.documents.staged(community, slug)
        if staged is None:
            raise NotFound(f"Nothing is staged as {slug!r}.")
        return staged, _arrival(staged, await uow.documents.clauses_of(staged.id), before)

    def _read(self, community: str, given: Upload, by: str) -> tuple[Document, ParsedDocument]:
        try:
            parsed = parse(given.data, given.filename, given.mime)
            meta = meta_of(parsed, given.filename)
        except DocumentUnreadable as error:
            raise InvalidInput(str(error)) from error
        document = Document(
            id=self._ids.new("doc"),
            community=community,
            slug=safe_slug(given.slug) if given.slug else meta.slug,
            version=1,
            title=meta.title,
            kind=given.kind or meta.kind,
            lang=meta.lang,
            status=DocumentStatus.LIVE,
            filename=given.filename[-200:],
            content_hash=hashlib.sha256(given.data).hexdigest(),
            clause_count=0,
            created_at=self._clock.now(),
            created_by=by,
        )
        return document, parsed


def _arrival(document: Document, clauses: tuple[Clause, ...], before: RuleSet) -> RuleChange:
    after = before.having(document, clauses)
    return RuleChange(document.community, document.slug, str(document.version), before, after)


def _removal(community: str, slug: str, before: RuleSet) -> RuleChange:
    held = before.get(slug)
    if held is None:
        raise NotFound(f"There is no live document {slug!r}.")
    version = f"{held.document.version} retired"
    return RuleChange(community, slug, version, before, before.without(slug))


def _trial_without(community: str, slug: str, before: RuleSet) -> Trial:
    change = _removal(community, slug, before)
    if not change.after.clauses:
        raise InvalidInput("No rule would be left to compare; an administrator may override.")
    return change.trial()


async def _next_version(uow: UnitOfWork, community: str, slug: str) -> int:
    history = await uow.documents.list(community, history=True)
    return 1 + max((document.version for document in history if document.slug == slug), default=0)
