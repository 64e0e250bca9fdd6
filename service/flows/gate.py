"""The gate before production: every move into it asks here and nowhere else."""

from __future__ import annotations

from service.domain.cleaning import clean_text
from service.domain.evaluation import (
    LONGEST_REASON,
    SHORTEST_REASON,
    Basis,
    Crossing,
    Evaluation,
    EvaluationStatus,
    EvaluationVerdict,
    Promotion,
    standing,
)
from service.errors import InvalidInput, NotCompared
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.evaluations import GatePolicies
from service.ports.store import UnitOfWork

REMEDY = (
    "Compare it with production first (POST /v1/evaluations, or `huiyin evaluations run`); an "
    "administrator may override this with a reason."
)


class GateFlow:
    """See `service.ports.evaluations.Gate`."""

    def __init__(
        self, *, policies: GatePolicies, redactor: Redactor, clock: Clock, ids: Ids
    ) -> None:
        self._policies, self._redactor = policies, redactor
        self._clock, self._ids = clock, ids

    async def cross(self, uow: UnitOfWork, crossing: Crossing) -> Promotion | None:
        """See the port."""
        policy = crossing.policy or self._policies[crossing.subject.kind]
        override = self._reason(crossing.override)
        if policy == "off":
            return None
        if crossing.basis is not None:
            return await self._let_in(uow, crossing, crossing.basis, None)
        hashes = crossing.candidate_hash, crossing.baseline_hash
        found = await uow.evaluations.of(crossing.subject, *hashes)
        passed = standing(found)
        if passed is not None and passed.verdict is EvaluationVerdict.PASS:
            return await self._let_in(uow, crossing, Basis.PASS, passed)
        newest = found[0] if found else None
        if override:
            return await self._let_in(uow, crossing, Basis.OVERRIDE, newest, override)
        if policy == "advised":
            return await self._let_in(uow, crossing, Basis.UNPROVEN, newest)
        raise NotCompared(
            f"{_state(passed or newest)} {REMEDY}",
            kind=crossing.subject.kind.value,
            candidate_hash=crossing.candidate_hash,
            baseline_hash=crossing.baseline_hash,
            evaluation=newest.id if newest else None,
        )

    async def _let_in(
        self, uow: UnitOfWork, crossing: Crossing, basis: Basis, found: Evaluation | None,
        reason: str = "",
    ) -> Promotion:  # fmt: skip
        promotion = Promotion(
            id=self._ids.new("pro"),
            **crossing.subject.model_dump(),
            version=crossing.version,
            candidate_hash=crossing.candidate_hash,
            baseline_hash=crossing.baseline_hash,
            basis=basis,
            evaluation_id=found.id if found else None,
            reason=reason,
            by=crossing.by,
            created_at=self._clock.now(),
        )
        await uow.promotions.add(promotion, crossing.content)
        return promotion

    def _reason(self, given: str) -> str:
        """The reason of an override, without personal data; empty where none is given."""
        reason = clean_text(given).strip()
        if reason and not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            raise InvalidInput(
                f"The reason of an override has {SHORTEST_REASON} to {LONGEST_REASON} characters."
            )
        return self._redactor.redact(reason).text if reason else ""


def _state(found: Evaluation | None) -> str:
    """Why the gate is shut, in a sentence."""
    if found is None:
        return "This change was not compared with what is in production now."
    if found.status is EvaluationStatus.FAILED:
        return "The comparison with production could not be carried out."
    if found.verdict is EvaluationVerdict.FAIL:
        return "The comparison with production failed."
    if found.verdict is EvaluationVerdict.INCONCLUSIVE:
        return "The comparison with production is inconclusive."
    return "The comparison with production is not done yet."
