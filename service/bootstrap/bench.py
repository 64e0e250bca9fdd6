"""Engines of both sides of a replay, from what a comparison needs."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from retrieval.config import RetrieverConfig
from retrieval.corpus import corpus_version
from retrieval.ports import Embedder
from retrieval.types import Clause, DocumentKind, FloatVector, Role
from service.bootstrap.candidates import Changed
from service.bootstrap.preview_rules import Limited, Searched, Shelf, key_of, shelf
from service.bootstrap.remembering import RememberingEmbedder
from service.domain.bank import BankTerm, TermDraft
from service.domain.evaluation import SubjectKind, Trial
from service.errors import ConfigurationError, InvalidInput
from service.ports.engines import Drafter, Triager
from service.ports.previews import PreviewRules, Side, Sides
from service.ports.store import UnitOfWork, UowFactory
from service.triage.taxonomy import parse_taxonomy

Assemble = Callable[[str, Changed, Embedder], Awaitable[Triager]]
"""Builds an engine of a community's parts in force, with the changed ones in place."""

_PRODUCTION = "production/"


class Bench:
    """See `service.ports.previews.PreviewBench`."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        embedder: Callable[[], Embedder],
        assemble: Assemble,
        drafter: Drafter,
        config: Callable[[], RetrieverConfig],
        taxonomy: Callable[[], str],
    ) -> None:
        """Bind the parts.

        Args:
            config: how rules are searched, with the limit in force.
            taxonomy: the version in force.
        """
        self._uow, self._embedder, self._assemble = uow, embedder, assemble
        self._drafter, self._config, self._taxonomy = drafter, config, taxonomy

    async def build(self, community: str, trial: Trial) -> Sides:
        """See the port."""
        await self._drafter.ready()
        embedder = RememberingEmbedder(await asyncio.to_thread(self._embedder))
        old, new = await self._triagers(community, trial, embedder)
        rules = await self._rules(community, trial, embedder)
        return Sides(
            before=Side(old, rules[0], self._drafter),
            after=Side(new, rules[1], self._drafter),
            memory=embedder,
            in_force=await self._stamp(community, embedder),
        )

    async def _triagers(
        self, community: str, trial: Trial, embedder: Embedder
    ) -> tuple[Triager | None, Triager | None]:
        kind = trial.subject.kind
        if kind not in (SubjectKind.TAXONOMY, SubjectKind.BANK):
            return None, None
        change = _taxonomies if kind is SubjectKind.TAXONOMY else _terms
        try:
            before, after = change(trial)
            return (
                await self._assemble(community, before, embedder),
                await self._assemble(community, after, embedder),
            )
        except ConfigurationError as error:
            raise InvalidInput(error.message, **error.details) from error

    async def _rules(
        self, community: str, trial: Trial, embedder: Embedder
    ) -> tuple[PreviewRules, PreviewRules]:
        kind = trial.subject.kind
        if kind is SubjectKind.PROMPT:  # stored contexts hold their clauses
            nothing = Shelf(None, embedder, {})
            return nothing, nothing
        async with self._uow() as uow:
            live = await uow.documents.live_clauses(community)
            titles = {one.id: one.title for one in await uow.documents.list(community)}
            stored = await _vectors(uow, community, live, embedder)

        def build(clauses: Sequence[Clause], titles: Mapping[str, str]) -> Shelf:
            return shelf(community, clauses, stored, embedder, self._config(), titles)

        if kind is SubjectKind.RULES:
            old, new = clauses_in(trial, _PRODUCTION), clauses_in(trial, f"{trial.candidate}/")
            return await asyncio.to_thread(lambda: (build(*old), build(*new)))
        before = await asyncio.to_thread(build, live, titles)
        if kind is not SubjectKind.THRESHOLDS:
            return before, before
        searched = Searched(before)
        least = _limit(trial, production=True), _limit(trial)
        return Limited(searched, least[0]), Limited(searched, least[1])

    async def _stamp(self, community: str, embedder: Embedder) -> str:
        """A hash of everything production is made of."""
        async with self._uow() as uow:
            versions = await uow.versions.all()
            live = await uow.documents.live_clauses(community)
            routing = await uow.routing.active(community)
        mine = {k: v for k, v in versions.items() if k.partition("/")[2] in ("", community)}
        parts = (
            sorted(mine.items()),
            self._taxonomy(),
            corpus_version(live),
            routing.id if routing else "",
            embedder.info.fingerprint,
            self._config().min_confidence,
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def clauses_in(trial: Trial, folder: str) -> tuple[list[Clause], dict[str, str]]:
    """The clauses of one side of a changed rule set, and the titles of their documents."""
    held = [json.loads(text) for name, text in trial.files.items() if name.startswith(folder)]
    clauses = [_clause(one) for document in held for one in document["clauses"]]
    return clauses, {document["slug"]: document["title"] for document in held}


def _clause(given: Mapping[str, Any]) -> Clause:
    changed = {"kind": DocumentKind(given["kind"]), "headings": tuple(given["headings"])}
    return Clause(**{**given, **changed})


async def _vectors(
    uow: UnitOfWork, community: str, clauses: Sequence[Clause], embedder: Embedder
) -> Mapping[str, FloatVector]:
    """Stored vectors that still belong to the texts of these clauses."""
    wanted = embedder.info.of(Role.CLAUSE).fingerprint
    hashes = await uow.vectors.hashes(community, "clause")
    fresh = {c.id: c for c in clauses if hashes.get(c.id) == (wanted, c.content_hash)}
    rows = await uow.vectors.load(community, "clause", ids=list(fresh))
    return {key_of(fresh[one]): row for one, row in zip(rows.ids, rows.vectors, strict=True)}


def _taxonomies(trial: Trial) -> tuple[Changed, Changed]:
    before, after = _production(trial), trial.files[trial.candidate]
    return Changed(taxonomy=parse_taxonomy(before)), Changed(taxonomy=parse_taxonomy(after))


def _terms(trial: Trial) -> tuple[Changed, Changed]:
    """What is in force, and the same with the difference: a community's replay keeps its own terms
    where the shared ones change."""
    before, after = _drafts(_production(trial)), _drafts(trial.files[trial.candidate])
    added = [_tried(number, one) for number, one in enumerate(sorted(after - before, key=str))]
    return Changed(), Changed(terms=tuple(added), without=frozenset(before - after))


def _drafts(content: str) -> frozenset[TermDraft]:
    return frozenset(TermDraft.model_validate(one) for one in json.loads(content)["terms"])


def _tried(number: int, draft: TermDraft) -> BankTerm:
    return BankTerm(
        id=f"tried_{number}",
        community=None,
        created_by="",
        created_at=datetime.min.replace(tzinfo=UTC),
        **draft.model_dump(),
    )


def _limit(trial: Trial, *, production: bool = False) -> float:
    content = _production(trial) if production else trial.files[trial.candidate]
    return float(json.loads(content)["rule_confidence"])


def _production(trial: Trial) -> str:
    return next(text for name, text in trial.files.items() if name.startswith(_PRODUCTION))
