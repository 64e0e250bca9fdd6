"""A taxonomy or a set of limits beside the record of what went into force."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.evaluation import (
    Evaluation,
    EvaluationVerdict,
    ForceState,
    Part,
    Promotion,
    Stand,
    Subject,
    standing,
)
from service.errors import ConfigurationError, InvalidInput
from service.ports.evaluations import PartSource
from service.ports.store import UnitOfWork

REMEDIES = {
    Stand.IN_FORCE: "",
    Stand.PASSED: "It passed: the next start or POST /v1/promotions "
    "(`huiyin evaluations accept {kind}`) puts it in force.",
    Stand.BEFORE: "It was in force before: an administrator brings it back with "
    "POST /v1/promotions (`huiyin evaluations accept {kind}`).",
    Stand.HELD: "Compare it (POST /v1/evaluations, `huiyin evaluations run {kind}` or the page of "
    "comparisons); until it passed, what was in force stays. An administrator may override with a "
    "reason.",
    Stand.BROKEN: "Mend what is configured; what was in force stays.",
    Stand.UNFIT: "This release cannot use what was in force and works with its own; put another "
    "in force (POST /v1/promotions, `huiyin evaluations accept {kind}`).",
}


class Look(NamedTuple):
    """Read in one transaction. `held` is what is in force, None where nothing is or this release
    cannot use it; `known` whether the part was in force before, `evaluation` its comparison with
    what is: the one that counts, else the newest."""

    part: Part
    last: Promotion | None
    held: Part | None
    known: bool
    evaluation: Evaluation | None

    @property
    def same(self) -> bool:
        """Whether the part is in force. The same content may have another hash in the record of an
        earlier release."""
        recorded = self.last and self.last.candidate_hash, self.held and self.held.hash
        return self.part.hash in recorded

    def stand(self, policy: str) -> Stand:
        """How the part stands."""
        if self.part.problem:
            return Stand.BROKEN
        if self.last is None or policy == "off" or self.same:
            return Stand.IN_FORCE
        if self.held is None:
            return Stand.UNFIT
        if self.known:
            return Stand.BEFORE
        found = self.evaluation
        passed = found is not None and found.verdict is EvaluationVerdict.PASS
        return Stand.PASSED if passed else Stand.HELD

    def state(self, policy: str) -> ForceState:
        """The same, told."""
        stand, recorded = self.stand(policy), self.last and self.last.candidate_hash
        return ForceState(
            kind=self.part.kind,
            hash=self.part.hash,
            in_force=self.part.hash if stand is Stand.IN_FORCE else recorded or "",
            policy=policy,
            accepted=stand is Stand.IN_FORCE,
            stand=stand,
            problem=self.part.problem,
            remedy=REMEDIES[stand].format(kind=self.part.kind.value),
            promotion=self.last,
            evaluation=self.evaluation,
        )


async def look(uow: UnitOfWork, source: PartSource, part: Part) -> Look:
    """A part beside the record."""
    subject = Subject(kind=part.kind)
    last = await uow.promotions.latest(subject)
    if last is None:
        return Look(part, None, None, known=False, evaluation=None)
    known = bool(part.hash) and await uow.promotions.kept(subject, part.hash) is not None
    found = await uow.evaluations.of(subject, part.hash, last.candidate_hash)
    return Look(
        part,
        last,
        await _held(uow, source, last),
        known,
        standing(found) or (found[0] if found else None),
    )


def usable(part: Part) -> Part:
    """The part.

    Raises:
        ConfigurationError: it cannot be used; says why.
    """
    if part.problem:
        raise ConfigurationError(part.problem)
    return part


async def _held(uow: UnitOfWork, source: PartSource, last: Promotion) -> Part | None:
    content = await uow.promotions.content(last.id)
    try:
        return None if content is None else source.read(last.kind, content)
    except InvalidInput:
        return None
