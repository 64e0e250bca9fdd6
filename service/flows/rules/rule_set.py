"""A community's documents as one set: what replies rest on, before and after a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import NamedTuple

from retrieval.types import Clause
from service.domain.document import Document
from service.domain.evaluation import Crossing, Subject, SubjectKind, Trial
from service.ports.store import UnitOfWork


class Held(NamedTuple):
    """A document with its clauses."""

    document: Document
    clauses: tuple[Clause, ...]


class RuleSet(NamedTuple):
    """Live documents, by slug."""

    held: tuple[Held, ...]

    def get(self, slug: str) -> Held | None:
        """The document of this slug."""
        return next((one for one in self.held if one.document.slug == slug), None)

    def without(self, slug: str) -> RuleSet:
        """The set when this one is retired."""
        return RuleSet(tuple(one for one in self.held if one.document.slug != slug))

    def having(self, document: Document, clauses: tuple[Clause, ...]) -> RuleSet:
        """The set when this version is live."""
        rest = self.without(document.slug).held
        both = (*rest, Held(document, clauses))
        return RuleSet(tuple(sorted(both, key=lambda one: one.document.slug)))

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every clause."""
        return tuple(clause for one in self.held for clause in one.clauses)

    @property
    def hash(self) -> str:
        """Of ids and contents; empty for an empty set."""
        lines = sorted(f"{clause.id} {clause.content_hash}" for clause in self.clauses)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


class RuleChange(NamedTuple):
    """One document comes, changes or goes; `version` is what people call it."""

    community: str
    slug: str
    version: str
    before: RuleSet
    after: RuleSet

    def crossing(self, by: str, override: str, policy: str) -> Crossing:
        """The change at the gate."""
        return Crossing(
            self._subject, self.version, self.after.hash, self.before.hash, by, override,
            policy=policy,
        )  # fmt: skip

    def trial(self) -> Trial:
        """What compares both sets; the suite gets them as clauses, under the ids they have here."""
        files = dict(_files("candidate", self.after)) | dict(
            _files("production/rules", self.before)
        )
        return Trial(
            subject=self._subject,
            version=self.version,
            candidate_hash=self.after.hash,
            baseline_hash=self.before.hash,
            candidate="candidate",
            files=files,
        )

    @property
    def _subject(self) -> Subject:
        return Subject(kind=SubjectKind.RULES, name=self.slug, community=self.community)


async def live_set(uow: UnitOfWork, community: str) -> RuleSet:
    """What is live now."""
    of_document: dict[str, list[Clause]] = {}
    for clause in await uow.documents.live_clauses(community):
        of_document.setdefault(clause.document_id, []).append(clause)
    documents = await uow.documents.list(community)
    return RuleSet(tuple(Held(one, tuple(of_document.get(one.id, ()))) for one in documents))


def _files(folder: str, given: RuleSet) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(given.held):
        if one.clauses:
            yield f"{folder}/{number:04d}.json", _stored(one)


def _stored(held: Held) -> str:
    clauses = [
        {
            "id": clause.id,
            "document_id": held.document.slug,
            "version": clause.version,
            "kind": clause.kind.value,
            "number": clause.number,
            "headings": clause.headings,
            "text": clause.text,
            "lang": clause.lang,
            "content_hash": clause.content_hash,
            "position": clause.position,
        }
        for clause in held.clauses
    ]
    said = {"slug": held.document.slug, "title": held.document.title, "clauses": clauses}
    return json.dumps(said, ensure_ascii=False)
