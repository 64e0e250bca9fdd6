"""What a page shows of the gate: whether a change may go into production, and how things got in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fastapi import Request

from service.domain.account import Scope
from service.domain.evaluation import (
    Evaluation,
    EvaluationVerdict,
    ForceState,
    Promotion,
    Stand,
    Subject,
    Trial,
)
from service.domain.preview import Preview
from service.errors import Conflict, InvalidInput
from service.web.state import application_of
from service.web.viewer import Viewer

EARLIER = 20
"""Moves back that are offered to be brought back."""


class Door(NamedTuple):
    """A change before the gate, for a community (None: everybody); `shut` is what stands in its
    way: `none`, `running`, `failed`, `fail`, `inconclusive`, or nothing."""

    community: str | None
    evaluation: Evaluation | None
    shut: str
    preview: Preview | None = None
    """The last replay of it on the community's cases."""


async def door(request: Request, trial: Trial) -> Door:
    """How a change stands."""
    application = application_of(request)
    found = await application.evaluations.look(trial)
    if found is not None and found.verdict is EvaluationVerdict.PASS:
        return Door(trial.subject.community, found, "")
    return Door(trial.subject.community, found, shut_by(found))


def shut_by(found: Evaluation | None) -> str:
    """What a comparison that is no pass lacks."""
    if found is None:
        return "none"
    if found.status.final:
        return found.verdict.value if found.verdict else "failed"
    return "running"


async def prompt_doors(
    request: Request, looking: Viewer, template: str, version: int
) -> tuple[Door, ...]:
    """The doors of a version of a prompt: of the community at hand and, for administrators, of
    everybody. None where the gate is off or the version is in use there."""
    application = application_of(request)
    if application.settings.gate.prompt == "off":
        return ()
    doors = []
    for community in (looking.community.id, *((None,) if looking.may(Scope.ADMIN) else ())):
        try:
            trial = await application.prompt_desk.trial(template, version, community)
        except (Conflict, InvalidInput):
            continue  # it does not fit this release: nothing to compare
        if trial.candidate_hash != trial.baseline_hash:
            found = await application.previews.look(
                looking.community.id, trial.subject, trial.candidate_hash, trial.baseline_hash
            )
            doors.append((await door(request, trial))._replace(preview=found))
    return tuple(doors)


class Forced(NamedTuple):
    """A taxonomy or the limits: what is configured and in force, whether one move puts the former
    in force, and what was in force before, newest first."""

    state: ForceState
    open: bool
    earlier: tuple[Promotion, ...]


async def forced(request: Request, community: str) -> tuple[Forced, ...]:
    """How the taxonomy and the limits stand."""
    application = application_of(request)
    found = []
    for state in await application.in_force.states():
        page = await application.queries.promotions(community, kind=state.kind, limit=EARLIER)
        newest = {one.candidate_hash: one for one in reversed(page.items)}
        earlier = tuple(one for key, one in newest.items() if key != state.in_force)
        shown = earlier if state.policy != "off" else ()
        may = state.stand in (Stand.PASSED, Stand.BEFORE)
        found.append(Forced(state, may, shown[::-1]))
    return tuple(found)


def overriding(looking: Viewer, given: str) -> str:
    """Why an administrator goes past the gate; empty where nobody does.

    Raises:
        NotPermitted: somebody else gives a reason.
    """
    override = given.strip()
    if override:
        looking.require(Scope.ADMIN)
    return override


async def ways_in(request: Request, community: str, subject: Subject) -> Mapping[str, Promotion]:
    """How each version went into production last, by version."""
    page = await application_of(request).queries.promotions(
        community, kind=subject.kind, name=subject.name, limit=200
    )
    return by_version(page.items)


def by_version(promotions: Iterable[Promotion]) -> Mapping[str, Promotion]:
    """The newest of each version; promotions come newest first."""
    newest: dict[str, Promotion] = {}
    for one in promotions:
        newest.setdefault(one.version, one)
    return newest
