"""Engines are built anew when a version moves, never twice, never in the way of judging."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.bootstrap.engines import MOST, REST_S, LiveEngines


class _World:
    """Versions, a clock, and builds that name what they were made for."""

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}
        self.now = 0.0
        self.builds: list[str | None] = []
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False
        self.engines = LiveEngines(
            lambda: self.engine("base"), self.read, self.build, tick=lambda: self.now, look_s=1.0
        )

    def engine(self, name: str) -> Any:
        return name

    async def read(self) -> dict[str, str]:
        self.reads += 1
        return dict(self.versions)

    async def build(self, community: str | None) -> Any:
        await self.gate.wait()
        self.builds.append(community)
        if self.broken:
            raise ArithmeticError("broken")
        return f"{community}:{len(self.builds)}"

    def change(self, name: str, version: str) -> None:
        self.versions[name] = version
        self.now += 2


async def test_the_shipped_engine_serves_until_something_changes() -> None:
    world = _World()
    assert await world.engines.of("a") == "base"
    world.versions["examples"] = "1"
    assert await world.engines.of("a") == "base", "within a second nothing is read again"
    world.now += 1
    assert await world.engines.of("a") == "None:1"
    assert await world.engines.of(None) == "None:1"
    assert world.builds == [None]


async def test_looking_is_rare_unless_asked_for() -> None:
    world = _World()
    for _ in range(50):
        await world.engines.of("a")
    assert world.reads == 1
    world.engines.look_again()
    await world.engines.of("a")
    assert world.reads == 2


async def test_a_community_with_parts_of_its_own_has_its_own_engine() -> None:
    world = _World()
    world.change("examples/a", "1")
    assert await world.engines.of("a") == "a:1"
    assert await world.engines.of("b") == "base"
    assert await world.engines.of("a/b") == "base"
    world.change("bank", "1")
    assert await world.engines.of("b") == "None:2"
    await world.engines.of("a")
    await world.engines.settle()
    assert await world.engines.of("a") == "a:3"


async def test_while_a_new_engine_is_built_the_earlier_one_serves() -> None:
    world = _World()
    world.change("examples", "1")
    await world.engines.of("a")
    world.gate.clear()
    world.change("examples", "2")
    assert [await world.engines.of("a") for _ in range(5)] == ["None:1"] * 5
    world.gate.set()
    await world.engines.settle()
    assert await world.engines.of("a") == "None:2"
    assert world.builds == [None, None]


async def test_those_who_wait_for_the_first_engine_share_one_build() -> None:
    world = _World()
    world.change("examples", "1")
    got = await asyncio.gather(*(world.engines.of("a") for _ in range(5)))
    assert set(got) == {"None:1"}


async def test_a_failed_build_leaves_the_earlier_engine_and_rests() -> None:
    world = _World()
    world.change("examples", "1")
    await world.engines.of("a")
    world.broken = True
    world.change("examples", "2")
    for _ in range(5):
        assert await world.engines.of("a") == "None:1"
        await world.engines.settle()
    assert len(world.builds) == 2
    world.broken = False
    world.now += REST_S
    await world.engines.of("a")
    await world.engines.settle()
    assert await world.engines.of("a") == "None:3"


async def test_a_first_build_that_fails_is_told() -> None:
    world = _World()
    world.broken = True
    world.change("examples", "1")
    with pytest.raises(ArithmeticError):
        await world.engines.of("a")


async def test_engines_are_not_kept_without_end() -> None:
    world = _World()
    for number in range(MOST + 3):
        world.versions[f"examples/{number}"] = "1"
    for number in range(MOST + 3):
        await world.engines.of(str(number))
    await world.engines.of("0")
    assert world.builds.count("0") == 2
    assert world.builds.count(str(MOST + 2)) == 1
