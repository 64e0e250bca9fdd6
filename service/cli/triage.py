"""`huiyin triage TEXT` and `huiyin themes`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.theme import ThemeRun
from service.domain.triage import Judgement
from service.domain.views import ThemeRow
from service.ports.queries import ThemeFilter


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("triage")(triage)
    app.command("themes")(themes)


def triage(
    text: Annotated[str | None, typer.Argument(help="The text; - or nothing reads stdin.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the whole judgement.")] = False,
    community: Annotated[
        str | None, typer.Option(help="Judge as this community has taught it.")
    ] = None,
) -> None:
    """Judge a text without storing it."""
    given = sys.stdin.read() if text in (None, "-") else text

    async def inside(application: Application) -> Judgement:
        (judgement,) = await application.triage.judge_texts([given or ""], community)
        return judgement

    judgement = console.run(inside)
    if json_output:
        console.out.print_json(judgement.model_dump_json())
        return
    labels = ", ".join(f"{label.category} {label.sure:.0%}" for label in judgement.labels)
    console.out.print(
        f"{labels or 'abstained'} · severity {judgement.severity} · {judgement.urgency.value} · "
        f"{judgement.sentiment.value} · {judgement.route.department.value}",
        markup=False,
    )


def themes(community: Annotated[str, typer.Option(help="Community id.")]) -> None:
    """Cluster a community's cases now and list the themes."""

    async def inside(application: Application) -> tuple[ThemeRun, tuple[ThemeRow, ...]]:
        run = await application.themes.run(community)
        floor = application.settings.themes.min_authors
        page = await application.queries.themes(
            community, ThemeFilter(min_authors=floor), now=application.clock.now(), limit=200
        )
        return run, page.items

    run, rows = console.run(inside)
    for row in rows:
        name = "(too few people)" if row.hidden else f"{row.name_zh} | {row.name_en}"
        console.out.print(f"{row.size:5}  x{row.growth:.1f}  {name}", markup=False)
    console.out.print(f"{run.clustered} cases in {len(rows)} themes, {run.unclustered} in none")
