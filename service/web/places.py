"""Where one can go: the one list behind the navigation, its keys and the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from service.domain.account import Scope


class Place(NamedTuple):
    """A page of the navigation; `key` after `g` leads there. `also` are paths that belong to it."""

    name: str
    scope: Scope
    key: str
    also: tuple[str, ...] = ()

    @property
    def href(self) -> str:
        """Its address."""
        return f"/{self.name}"

    def holds(self, path: str) -> bool:
        """Whether a path is this page or one below it."""
        return any(path == one or path.startswith(f"{one}/") for one in (self.href, *self.also))


class Group(NamedTuple):
    """Places under one heading; a group without a name stands open in the bar."""

    name: str
    places: tuple[Place, ...]


GROUPS = (
    Group(
        "",
        (
            Place("queue", Scope.CASES_READ, "q", ("/tasks",)),
            Place("cases", Scope.CASES_READ, "c"),
        ),
    ),
    Group(
        "insights",
        (
            Place("themes", Scope.CASES_READ, "t"),
            Place("radar", Scope.CASES_READ, "r"),
            Place("trends", Scope.CASES_READ, "n"),
            Place("events", Scope.CASES_READ, "v"),
            Place("gaps", Scope.CASES_READ, "w"),
        ),
    ),
    Group(
        "outgoing",
        (
            Place("posts", Scope.POSTS_WRITE, "p"),
            Place("calendar", Scope.POSTS_WRITE, "k"),
            Place("deliveries", Scope.CASES_READ, "l"),
        ),
    ),
    Group(
        "manage",
        (
            Place("documents", Scope.RULES_READ, "d"),
            Place("knowledge", Scope.CASES_READ, "f"),
            Place("examples", Scope.CASES_READ, "e"),
            Place("labels", Scope.CASES_READ, "y"),
            Place("samples", Scope.CASES_READ, "h"),
            Place("bank", Scope.CASES_READ, "b"),
            Place("routing", Scope.CASES_READ, "o", ("/reports",)),
            Place("prompts", Scope.CASES_READ, "m", ("/evaluations", "/previews")),
            Place("approvals", Scope.CASES_READ, "a"),
            Place("settings", Scope.ADMIN, "s"),
            Place("usage", Scope.ADMIN, "u"),
        ),
    ),
)


def groups_for(may: Callable[[Scope], bool]) -> tuple[Group, ...]:
    """The groups with the places somebody may go to; empty ones are left out."""
    open_to = (Group(one.name, tuple(p for p in one.places if may(p.scope))) for one in GROUPS)
    return tuple(group for group in open_to if group.places)
