"""What leaves a unit of work when the database fails under it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from service.db.engine import make_engine
from service.db.queries import SqlQueries
from service.db.uow import SqlUow, make_uow_factory
from service.errors import AppError, InvalidInput, TransientProviderError
from service.jobs.queue import ProcrastinateQueue
from service.ports.queries import CaseFilter
from service.ports.store import UowFactory
from tests.plugins import _facts as facts

_KILL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_a_lost_connection_is_worth_another_try_and_leaves_nothing(
    uow_factory: UowFactory, engine: AsyncEngine
) -> None:
    with pytest.raises(TransientProviderError):  # noqa: PT012 - the block itself raises
        async with uow_factory() as uow:
            await uow.communities.save(facts.community())
            async with engine.connect() as other:
                await other.execute(_KILL)
            await uow.commit()
    async with uow_factory() as uow:
        assert await uow.communities.all() == ()


async def test_connections_cut_between_uses_go_unnoticed(
    uow_factory: UowFactory, engine: AsyncEngine
) -> None:
    async with uow_factory() as uow:
        await uow.communities.all()
    async with engine.connect() as other:
        await other.execute(_KILL)
    async with uow_factory() as uow:
        assert await uow.communities.all() == ()


async def test_an_absent_server_is_worth_another_try() -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(TransientProviderError):
        await SqlQueries(engine).counts()
    with pytest.raises(TransientProviderError):
        async with make_uow_factory(engine, ProcrastinateQueue)():
            pytest.fail("opened")
    await engine.dispose()


async def test_a_deadlock_is_worth_another_try(uow_factory: UowFactory) -> None:
    async with uow_factory() as uow:
        for name in ("a", "b"):
            await uow.communities.save(facts.community(name))
        await uow.commit()
    both = asyncio.Barrier(2)

    async def cross(first: str, second: str) -> None:
        async with uow_factory() as uow:
            await uow.communities.save(facts.community(first))
            await both.wait()
            await uow.communities.save(facts.community(second))
            await uow.commit()

    results = await asyncio.gather(cross("a", "b"), cross("b", "a"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["NoneType", "TransientProviderError"]


async def test_errors_of_the_caller_pass_through_and_roll_back(uow_factory: UowFactory) -> None:
    with pytest.raises(InvalidInput):  # noqa: PT012 - the block itself raises
        async with uow_factory() as uow:
            await uow.communities.save(facts.community())
            raise InvalidInput("no")
    async with uow_factory() as uow:
        assert await uow.communities.all() == ()


async def test_a_cancelled_task_gives_its_connection_back(engine: AsyncEngine) -> None:
    entered = asyncio.Event()

    async def hang() -> None:
        async with SqlUow(engine, ProcrastinateQueue) as uow:
            await uow.communities.all()
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("strange", ["\x00", "\ud800", "'; --", "%s", "x" * 5000])
async def test_strange_ids_are_only_unknown(uow_factory: UowFactory, engine: AsyncEngine,
                                            strange: str) -> None:  # fmt: skip
    queries = SqlQueries(engine)
    where = CaseFilter(text=strange, category=strange, department=strange, theme_id=strange)
    assert (await queries.cases(strange, where)).items == ()
    assert (await queries.queue(strange, kind=strange, status=strange)).items == ()
    assert (await queries.deliveries(strange, status=strange)).items == ()
    assert await queries.task(strange) is None
    async with uow_factory() as uow:
        await uow.cases.lock(strange)
        assert await uow.messages.known(strange, {(strange, strange)}) == {}
        assert await uow.triages.first_with_hash(strange, [strange]) == {}
        assert await uow.reviews.reach(strange) == 0
        with pytest.raises(AppError):
            await _unknown_community(uow_factory, strange)


async def _unknown_community(uow_factory: UowFactory, strange: str) -> None:
    async with uow_factory() as uow:
        await uow.cases.save([facts.case(community=strange)])
