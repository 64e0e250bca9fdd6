"""`huiyin demo`: the sample community on real parts, from nothing to an open page."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from service import sample
from service.bootstrap import Application, open_application
from service.cli import console, serve, work
from service.cli.receiver import Receiver
from service.domain.account import Role
from service.errors import ConfigurationError
from service.flows.rules import Upload
from service.settings import Settings

USER = "demo"
BATCH = 200


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    load_only: Annotated[bool, typer.Option(help="Load the sample, do not serve.")] = False,
) -> None:
    """Load the sample community, triage it, draft what is due, open the desk."""
    loaded = serve.with_address(console.settings(), None, port)
    loaded = loaded.model_copy(
        update={"delivery": loaded.delivery.model_copy(update={"allow_private": True})}
    )
    _materialise(loaded)
    asyncio.run(_demo(loaded, load_only=load_only))


def _materialise(loaded: Settings) -> None:
    if loaded.embedder.kind != "onnx":
        return
    from retrieval.models import materialise

    with console.progress() as bar:
        task = bar.add_task("Embedding model", total=100)
        materialise(
            loaded.cache_dir.expanduser(),
            lambda stage, share: bar.update(
                task, description=f"Embedding model: {stage}", completed=share * 100
            ),
        )


async def _demo(loaded: Settings, *, load_only: bool) -> None:
    with work.alone(loaded) as nobody:
        if not nobody:
            raise ConfigurationError(
                f"A server already runs on {loaded.data_dir}; stop it or set HUIYIN_DATA_DIR."
            )
        async with open_application(loaded) as application:
            await _load(application)
    if not load_only:
        with Receiver(application.secrets.delivery) as receiver:
            await serve.serve_until_stopped(loaded, _announcer(receiver))


def _announcer(receiver: Receiver) -> serve.Announce:
    async def announce(application: Application, address: str) -> None:
        await _deliver_to(application, receiver.url)
        token = await application.accounts.login_link(USER)
        console.out.print()
        console.out.print(f"  Open {address}/login/{token}", markup=False, soft_wrap=True)
        console.out.print("  (logs you in once; `huiyin users login-link demo` makes another)")
        console.out.print("  Approved replies arrive below. Ctrl+C stops.", end="\n\n")

    return announce


async def _deliver_to(application: Application, url: str) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get(sample.community().id)
        if community is not None:
            await uow.communities.save(community.model_copy(update={"delivery_url": url}))
        await uow.commit()


async def _load(application: Application) -> None:
    """Load what is missing; a second run finds everything there."""
    community = sample.community()
    async with application.uow() as uow:
        if await uow.communities.get(community.id) is None:
            await uow.communities.save(community)
        known = await uow.accounts.user_by_name(USER)
        await uow.commit()
    if known is None:
        await application.accounts.create_user(USER, Role.ADMIN)
    for filename, data in sample.documents():
        given = Upload(filename=filename, data=data, shipped=True)
        await application.rules.upload(community.id, given, by="sample")
    if await _ingest(application, community.id):
        await work.drain(application, "Triage and drafts")
        await application.themes.run(community.id)


async def _ingest(application: Application, community: str) -> bool:
    """Whether there is work left; a load that broke off goes on, what is stored stays."""
    counts = await application.queries.counts(community)
    items = sample.messages(application.clock.now())
    if counts.messages >= len(items):
        return counts.untriaged > 0
    with console.progress() as bar:
        task = bar.add_task("Messages", total=len(items))
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            await application.ingest.ingest(community, batch)
            bar.advance(task, len(batch))
    return True
