"""What is in force for everybody from files and settings: accepted when it starts, or not yet.

Whoever changes a file or a setting has changed production already. So it is looked at when the
service starts: what passed a comparison is accepted, anything else is shown as not compared until
it passes or an administrator takes it over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.domain.evaluation import (
    Basis,
    Crossing,
    ForceState,
    InForce,
    Promotion,
    Subject,
    SubjectKind,
    Trial,
    standing,
)
from service.errors import Conflict, NotCompared, NotFound
from service.ports.clock import Clock, Ids
from service.ports.evaluations import Gate, GatePolicies
from service.ports.store import UnitOfWork, UowFactory

START = "start"
"""Who takes up what is in force when the service starts."""

FILES = {
    SubjectKind.TAXONOMY: ("candidate.toml", "production/taxonomy.toml"),
    SubjectKind.THRESHOLDS: ("candidate.json", "production/thresholds.json"),
}
"""Names under which the suite reads a candidate and production."""


class InForceFlow:
    """Keeps what was accepted of each kind, with its content.

    Args:
        parts: what is in force in this process.
        read: a content with its hash; raises InvalidInput.
    """

    def __init__(
        self,
        *,
        uow: UowFactory,
        gate: Gate,
        policies: GatePolicies,
        parts: Callable[[], Sequence[InForce]],
        read: Callable[[SubjectKind, str], InForce],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._gate, self._policies = uow, gate, policies
        self._parts, self._read, self._clock, self._ids = parts, read, clock, ids

    async def take_up(self) -> None:
        """Accept what is in force for the first time, or passed; again without harm."""
        for part in self._parts():
            async with self._uow() as uow:
                await uow.evaluations.lock()
                last = await uow.promotions.latest(Subject(kind=part.kind))
                if last is None:
                    await uow.promotions.add(self._first(part), part.content)
                elif last.candidate_hash != part.hash:
                    try:
                        await self._gate.cross(uow, _crossing(part, last, START))
                    except NotCompared:
                        continue
                await uow.commit()

    async def states(self) -> tuple[ForceState, ...]:
        """How each part stands."""
        async with self._uow() as uow:
            return tuple([await self._state(uow, part) for part in self._parts()])

    async def accept(self, kind: SubjectKind, *, by: str, override: str) -> Promotion:
        """Take over what is in force although nothing passed.

        Raises:
            NotFound: no such part.
            Conflict: it is accepted already, or the gate is off.
            InvalidInput: the reason is too short or too long.
            NotCompared: no reason is given.
        """
        part = self._part(kind)
        async with self._uow() as uow:
            await uow.evaluations.lock()
            last = await self._last(uow, kind)
            if last.candidate_hash == part.hash:
                raise Conflict("What is in force is accepted already.")
            made = await self._gate.cross(uow, _crossing(part, last, by, override))
            if made is None:
                raise Conflict("The gate is off for this; there is nothing to override.")
            await uow.commit()
        return made

    async def trial(self, kind: SubjectKind, content: str | None) -> Trial:
        """What compares a content (None: what is in force) with what was accepted last.

        Raises:
            NotFound: no such part.
            InvalidInput: the content cannot be used; says why.
            Conflict: nothing was accepted yet.
        """
        part = self._part(kind) if content is None else self._read(kind, content)
        async with self._uow() as uow:
            last = await self._last(uow, kind)
            before = await uow.promotions.content(last.id)
        if before is None:
            raise Conflict("The content that was accepted last was not kept.")
        candidate, production = FILES[kind]
        return Trial(
            subject=Subject(kind=kind),
            version=part.hash[:12],
            candidate_hash=part.hash,
            baseline_hash=last.candidate_hash,
            candidate=candidate,
            files={candidate: part.content, production: before},
        )

    async def _state(self, uow: UnitOfWork, part: InForce) -> ForceState:
        subject = Subject(kind=part.kind)
        last = await uow.promotions.latest(subject)
        accepted = last is not None and last.candidate_hash == part.hash
        found = (
            await uow.evaluations.of(subject, part.hash, last.candidate_hash)
            if last is not None and not accepted
            else ()
        )
        return ForceState(
            kind=part.kind,
            hash=part.hash,
            policy=self._policies[part.kind],
            accepted=accepted,
            promotion=last,
            evaluation=standing(found) or (found[0] if found else None),
        )

    def _part(self, kind: SubjectKind) -> InForce:
        for part in self._parts():
            if part.kind is kind:
                return part
        raise NotFound("Nothing of this kind is taken from files or settings.")

    async def _last(self, uow: UnitOfWork, kind: SubjectKind) -> Promotion:
        last = await uow.promotions.latest(Subject(kind=kind))
        if last is None:
            raise Conflict("Nothing was accepted yet; start the service once.")
        return last

    def _first(self, part: InForce) -> Promotion:
        return Promotion(
            id=self._ids.new("pro"),
            kind=part.kind,
            name="",
            community=None,
            version=part.hash[:12],
            candidate_hash=part.hash,
            baseline_hash="",
            basis=Basis.SHIPPED,
            evaluation_id=None,
            by=START,
            created_at=self._clock.now(),
        )


def _crossing(part: InForce, last: Promotion, by: str, override: str = "") -> Crossing:
    return Crossing(
        subject=Subject(kind=part.kind),
        version=part.hash[:12],
        candidate_hash=part.hash,
        baseline_hash=last.candidate_hash,
        by=by,
        override=override,
        content=part.content,
    )
