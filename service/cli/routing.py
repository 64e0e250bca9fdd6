"""`huiyin routing …` and `huiyin shadow`: rules by command line, and rehearsals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from service.bootstrap import Application
from service.cli import console
from service.domain.report import (
    Candidate,
    ExampleChoice,
    RehearsalSubject,
    Report,
    ReportKind,
    Summary,
)
from service.domain.routing import Activation, RoutingRules, RoutingSet
from service.errors import InvalidInput, NotFound
from service.flows.routing import require_days

Community = Annotated[str, typer.Option(help="Community id.")]
Days = Annotated[int, typer.Option(help="How far back.")]
Show = Annotated[int, typer.Option(help="Flips to print; the report keeps all.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Routing rules.", no_args_is_help=True)
    group.command("put")(put)
    group.command("list")(list_versions)
    group.command("rehearse")(rehearse)
    group.command("activate")(activate)
    app.add_typer(group, name="routing")
    app.command("shadow")(shadow)


def put(
    file: Annotated[Path, typer.Argument(help="A whole set (JSON).")], community: Community
) -> None:
    """Store a set of rules as a new version."""
    try:
        rules = RoutingRules.model_validate_json(_read(file))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{file.name}, {where}: {first['msg']}") from error

    async def inside(application: Application) -> RoutingSet:
        return await application.routing.put(community, rules, by="cli")

    given = console.run(inside)
    console.out.print(f"version {given.version}, {len(given.rules)} rules")


def list_versions(community: Community) -> None:
    """List versions; a star marks the one that decides."""

    async def inside(
        application: Application,
    ) -> tuple[tuple[RoutingSet, ...], RoutingSet | None]:
        async with application.uow() as uow:
            return await uow.routing.all(community), await uow.routing.active(community)

    versions, active = console.run(inside)
    for one in versions:
        mark = "*" if active and active.id == one.id else " "
        console.out.print(f"{mark} {one.version}  {len(one.rules)} rules  {one.created_at:%F %R}")


def rehearse(
    version: Annotated[int, typer.Argument()],
    community: Community,
    days: Days = 14,
    show: Show = 20,
) -> None:
    """Route the cases of the last days again, without touching them."""

    async def inside(application: Application) -> Report:
        async with application.uow() as uow:
            given = await uow.routing.version(community, version)
        if given is None:
            raise NotFound("There is no such version of the routing rules.")
        subject = RehearsalSubject(days=require_days(days), set_id=given.id)
        return await _rehearsed(application, community, subject, show)

    report = console.run(inside)
    console.out.print(f"hash {report.hash}", markup=False, soft_wrap=True)


def activate(
    version: Annotated[int, typer.Argument()],
    digest: Annotated[str, typer.Argument(metavar="HASH", help="Of the rehearsal you saw.")],
    community: Community,
) -> None:
    """Let a rehearsed version decide from now on."""

    async def inside(application: Application) -> Activation:
        return await application.routing.activate(community, version, digest, by="cli")

    console.run(inside)
    console.out.print(f"version {version} decides")


def shadow(
    community: Community,
    taxonomy: Annotated[Path | None, typer.Option(help="A whole taxonomy file.")] = None,
    bank: Annotated[Path | None, typer.Option(help="Folder of phrase bank files.")] = None,
    examples: Annotated[
        ExampleChoice, typer.Option(help="Learned examples to use.")
    ] = ExampleChoice.ACCEPTED,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Confidence that gives a category.")
    ] = None,
    days: Days = 14,
    show: Show = 20,
) -> None:
    """Judge the cases of the last days with a changed engine, without touching them."""
    files = sorted(bank.glob("*.toml")) if bank else []
    if bank and not files:
        raise InvalidInput(f"There are no .toml files in {bank}.")
    candidate = Candidate(
        taxonomy=_read(taxonomy) if taxonomy else None,
        examples=examples,
        threshold=threshold,
        bank={file.name: _read(file) for file in files} or None,
    )

    async def inside(application: Application) -> Report:
        subject = RehearsalSubject(days=require_days(days), candidate=candidate)
        return await _rehearsed(application, community, subject, show)

    console.run(inside)


async def _rehearsed(
    application: Application, community: str, subject: RehearsalSubject, show: int
) -> Report:
    report = await application.rehearse.request(community, subject, by="cli", queue=False)
    with console.progress() as bar:
        task = bar.add_task("Cases", total=None)
        done = await application.rehearse.run(
            report.id, lambda cases: bar.update(task, completed=cases)
        )
    if done.summary is not None:
        _print_summary(done.kind, done.summary)
    page = await application.queries.flips(report.id, limit=max(1, show))
    for flip in page.items[:show]:
        before, after = flip.before, flip.after
        sure = "" if flip.confidence is None else f" {flip.confidence:.0%}"
        console.out.print(
            f"  {flip.case_id}  {'+'.join(before.categories) or '-'} {before.severity} "
            f"{before.department} -> {'+'.join(after.categories) or '-'} {after.severity} "
            f"{after.department}{sure}",
            markup=False,
            soft_wrap=True,
        )
    console.out.print(f"report {report.id}", markup=False)
    return done


def _print_summary(kind: ReportKind, summary: Summary) -> None:
    console.out.print(
        f"{summary.flips} of {summary.cases} cases flip, severity up {summary.severity_up} "
        f"down {summary.severity_down}, {summary.seconds:.1f} s"
    )
    moves = summary.departments if kind is ReportKind.ROUTING else summary.categories
    for move in moves:
        console.out.print(
            f"  {move.name:24} {move.before:6} -> {move.after:6}  +{move.gained} -{move.lost}",
            markup=False,
        )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read.") from error
