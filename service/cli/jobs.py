"""`huiyin jobs …`: what failed, again."""

from __future__ import annotations

from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console, work
from service.errors import Conflict


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Background jobs.", no_args_is_help=True)
    group.command("failed")(failed)
    group.command("requeue")(requeue)
    group.command("drain")(drain)
    app.add_typer(group, name="jobs")


def failed(limit: Annotated[int, typer.Option()] = 50) -> None:
    """List jobs that failed for good."""

    async def inside(application: Application) -> list[str]:
        from service.jobs.dead import list_failed

        found = await list_failed(application.database_url, limit=limit)
        return [f"{job.id}  {job.name}  {job.attempts} tries  {job.code or ''}" for job in found]

    for line in console.run(inside):
        console.out.print(line, markup=False)


def requeue(job_id: Annotated[int, typer.Argument()]) -> None:
    """Queue a failed job again."""

    async def inside(application: Application) -> bool:
        from service.jobs.dead import requeue_failed

        return await requeue_failed(application.database_url, job_id)

    if not console.run(inside):
        raise Conflict(f"Job {job_id} is not among the failed ones.")
    console.out.print("queued again")


def drain() -> None:
    """Work until no job is due; for data folders without a server."""

    async def inside(application: Application) -> None:
        with work.alone(application.settings) as nobody:
            if not nobody:
                raise Conflict("A server runs on this data folder and does the jobs itself.")
            await work.drain(application, "Jobs")

    console.run(inside)
