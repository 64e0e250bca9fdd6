"""Upkeep: schema, models, vectors."""

from __future__ import annotations

import asyncio

import typer

from service.bootstrap import Application, open_application
from service.cli import console, llm, work
from service.errors import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("migrate")(migrate)
    app.command("reindex")(reindex)
    models = typer.Typer(help="Embedding models, local language models.", no_args_is_help=True)
    models.command("build")(build_models)
    llm.add_models(models)
    app.add_typer(models, name="models")


def migrate() -> None:
    """Bring the database schema up to date."""

    async def inside() -> None:
        async with open_application(console.settings(), migrate=True):
            console.out.print("the schema is up to date")

    asyncio.run(inside())


def reindex() -> None:
    """Re-embed what another embedder made and rebuild the vector cache."""

    async def inside(application: Application) -> str:
        with work.alone(application.settings) as nobody, console.progress() as bar:
            if not nobody:
                raise ConfigurationError("Stop the server first, then run `huiyin reindex`.")
            task = bar.add_task("Embedding", total=None)
            report = await application.reindex.run(
                lambda name, done, total: bar.update(
                    task, description=name, completed=done, total=total
                )
            )
        return f"{report.embedded} texts embedded anew, {report.indexed} vectors in the cache"

    console.out.print(console.run(inside))


def build_models() -> None:
    """Build the bundled embedding model, verify it and keep it in the cache folder."""
    from retrieval.models import materialise

    loaded = console.settings()
    with console.progress() as bar:
        task = bar.add_task("Model", total=100)
        path = materialise(
            loaded.cache_dir.expanduser(),
            lambda stage, share: bar.update(task, description=stage, completed=share * 100),
        )
    console.out.print(str(path), markup=False)
