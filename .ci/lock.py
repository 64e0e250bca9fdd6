"""Print the exact versions of what the project needs and has installed, one a line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAD = """\
# Exact versions of everything the service and its tests install. Used as a pip constraint by
# make, the CI script and the Dockerfile. Renew with `make lock`."""


def wanted() -> list[Requirement]:
    """The project's direct requirements, development ones included."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(line) for line in lines]


def closure(requirements: Iterable[Requirement]) -> dict[str, str]:
    """Name to installed version of the requirements and all they need here."""
    versions: dict[str, str] = {}
    stack, seen = list(requirements), set[str]()
    while stack:
        requirement = stack.pop()
        mark = f"{canonicalize_name(requirement.name)}{sorted(requirement.extras)}"
        if mark not in seen:
            seen.add(mark)
            found = metadata.distribution(requirement.name)
            versions[canonicalize_name(requirement.name)] = found.version.split("+")[0]
            stack.extend(needed(found, requirement.extras))
    return versions


def needed(found: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What a distribution requires in this environment with these extras."""
    for line in found.requires or []:
        inner = Requirement(line)
        if inner.marker is None or any(
            inner.marker.evaluate({"extra": extra}) for extra in {"", *extras}
        ):
            yield inner


if __name__ == "__main__":
    print(HEAD)
    for name, version in sorted(closure(wanted()).items()):
        print(f"{name}=={version}")
