"""What went past the gate last is in force."""

from __future__ import annotations

from service.domain.evaluation import (
    Basis,
    Crossing,
    ForceState,
    Part,
    Promotion,
    Subject,
    SubjectKind,
    Trial,
)
from service.errors import Conflict, InvalidInput, NotCompared, NotFound
from service.flows.in_force.look import Look, look, usable
from service.ports.evaluations import Gate, GatePolicies, PartSource
from service.ports.store import UnitOfWork, UowFactory

START = "start"
"""Who puts something in force when the service starts."""

FILES = {
    SubjectKind.TAXONOMY: ("candidate.toml", "production/taxonomy.toml"),
    SubjectKind.THRESHOLDS: ("candidate.json", "production/thresholds.json"),
}
"""Names under which the suite reads a candidate and production."""

OFF = "The gate is off for this; what is configured is in force."


class InForceFlow:
    """Keeps what was put in force of each kind, with its content."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        gate: Gate,
        policies: GatePolicies,
        source: PartSource,
    ) -> None:
        self._uow, self._gate = uow, gate
        self._policies, self._source = policies, source

    async def take_up(self) -> tuple[ForceState, ...]:
        """Put in force what is configured, where nothing is yet or it may; again without harm.

        Raises:
            ConfigurationError: nothing is in force yet, and what is configured cannot be used.
        """
        for part in self._source.configured():
            async with self._uow() as uow:
                await uow.evaluations.lock()
                if await self._let_in(uow, await look(uow, self._source, part)):
                    await uow.commit()
        return await self.states()

    async def states(self) -> tuple[ForceState, ...]:
        """How what is configured stands to what is in force."""
        return tuple(one.state(self._policies[one.part.kind]) for one in await self._looks())

    async def current(self) -> tuple[Part, ...]:
        """What every process works with: what went into force last. What is configured, as long as
        nothing did or where the gate is off; the shipped one, where this release cannot use it.

        Raises:
            ConfigurationError: nothing is in force yet, and what is configured cannot be used.
        """
        return tuple(self._current(one) for one in await self._looks())

    async def stamp(self) -> tuple[str, ...]:
        """Another one whenever something went into force."""
        async with self._uow() as uow:
            found = [await uow.promotions.latest(Subject(kind=kind)) for kind in FILES]
        return tuple(one.id if one else "" for one in found)

    async def accept(
        self, kind: SubjectKind, *, by: str, override: str = "", content: str | None = None,
        back_to: str | None = None,
    ) -> Promotion:  # fmt: skip
        """Put in force what is configured, or a content, or what was in force before.

        It takes a passing comparison with what is in force, or an override; what was in force
        before comes back without either.

        Args:
            back_to: the hash of one that was in force before.

        Raises:
            NotFound: no such part, or none of this hash was in force.
            Conflict: it is in force already, nothing is yet, or the gate is off.
            InvalidInput: it cannot be used, or the reason is too short or too long.
            NotCompared: nothing passed and no reason is given.
        """
        async with self._uow() as uow:
            await uow.evaluations.lock()
            part = await self._wanted(uow, kind, content, back_to)
            if self._policies[kind] == "off":
                raise Conflict(OFF)
            seen = await look(uow, self._source, part)
            if seen.same:
                raise Conflict("This is in force already.")
            last = _last(seen)
            if seen.known:
                made = await self._note(uow, part, last, Basis.RETURNED, by)
            else:
                made = await self._cross(uow, _crossing(part, last, by, override))
            await uow.commit()
        return made

    async def trial(self, kind: SubjectKind, content: str | None) -> Trial:
        """What compares a content (None: what is configured) with what is in force.

        Raises:
            NotFound: no such part.
            InvalidInput: the content cannot be used; says why.
            Conflict: nothing is in force yet.
        """
        async with self._uow() as uow:
            part = await self._wanted(uow, kind, content, None)
            last = _last(await look(uow, self._source, part))
            before = await uow.promotions.content(last.id)
        if before is None:
            raise Conflict("The content that is in force was not kept.")
        candidate, production = FILES[kind]
        return Trial(
            subject=Subject(kind=kind),
            version=part.hash[:12],
            candidate_hash=part.hash,
            baseline_hash=last.candidate_hash,
            candidate=candidate,
            files={candidate: part.content, production: before},
        )

    async def _looks(self) -> tuple[Look, ...]:
        async with self._uow() as uow:
            return tuple([await look(uow, self._source, p) for p in self._source.configured()])

    def _current(self, seen: Look) -> Part:
        off = self._policies[seen.part.kind] == "off" and not seen.part.problem
        if seen.last is None or off:
            return usable(seen.part)
        return seen.held or self._source.shipped(seen.part.kind)

    async def _let_in(self, uow: UnitOfWork, seen: Look) -> bool:
        """Whether what is configured went into force now.

        What was in force before never comes back by itself: two processes that are configured
        differently, or two releases side by side, would take turns, and a restart would undo a
        person's move.
        """
        part, last = seen.part, seen.last
        if last is None:
            first = Basis.SHIPPED if usable(part).shipped else Basis.FIRST
            await self._note(uow, part, None, first, START)
            return True
        if part.problem or seen.same:
            return False
        policy = self._policies[part.kind]
        if seen.known and policy == "required":
            return False
        if part.shipped and last.basis is Basis.SHIPPED and not seen.known:
            await self._note(uow, part, last, Basis.SHIPPED, START)
        elif policy == "off":
            await self._note(uow, part, last, Basis.UNPROVEN, START)
        else:
            return await self._passes(uow, part, last)
        return True

    async def _passes(self, uow: UnitOfWork, part: Part, last: Promotion) -> bool:
        try:
            await self._gate.cross(uow, _crossing(part, last, START))
        except NotCompared:
            return False
        return True

    async def _wanted(
        self, uow: UnitOfWork, kind: SubjectKind, content: str | None, back_to: str | None
    ) -> Part:
        if kind not in FILES:
            raise NotFound("Nothing of this kind is taken from files or settings.")
        if back_to is not None:
            content = await uow.promotions.kept(Subject(kind=kind), back_to)
            if content is None:
                raise NotFound("Nothing of this hash was in force.", hash=back_to)
        if content is not None:
            return self._source.read(kind, content)
        part = next(one for one in self._source.configured() if one.kind is kind)
        if part.problem:
            raise InvalidInput(part.problem)
        return part

    async def _cross(self, uow: UnitOfWork, crossing: Crossing) -> Promotion:
        made = await self._gate.cross(uow, crossing)
        if made is None:
            raise Conflict(OFF)
        return made

    async def _note(
        self, uow: UnitOfWork, part: Part, last: Promotion | None, basis: Basis, by: str
    ) -> Promotion:
        """Put in force without asking; the record is kept true where the gate is off as well."""
        crossing = _crossing(part, last, by)
        return await self._cross(uow, crossing._replace(basis=basis, policy="required"))


def _last(seen: Look) -> Promotion:
    if seen.last is None:
        raise Conflict("Nothing is in force yet; start the service once.")
    return seen.last


def _crossing(part: Part, last: Promotion | None, by: str, override: str = "") -> Crossing:
    return Crossing(
        subject=Subject(kind=part.kind),
        version=part.hash[:12],
        candidate_hash=part.hash,
        baseline_hash=last.candidate_hash if last else "",
        by=by,
        override=override,
        content=part.content,
    )
