"""Set-up and upkeep: schema, models, vectors, communities, people, keys."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from service.bootstrap import Application, open_application
from service.cli import console, work
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.errors import ConfigurationError, NotFound


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("migrate")(migrate)
    app.command("reindex")(reindex)
    models = typer.Typer(help="Embedding models.", no_args_is_help=True)
    models.command("build")(build_models)
    app.add_typer(models, name="models")
    communities = typer.Typer(help="Communities.", no_args_is_help=True)
    communities.command("add")(add_community)
    communities.command("list")(list_communities)
    communities.command("deliver-to")(deliver_to)
    app.add_typer(communities, name="communities")
    users = typer.Typer(help="People who log in.", no_args_is_help=True)
    users.command("add")(add_user)
    users.command("login-link")(login_link)
    app.add_typer(users, name="users")
    keys = typer.Typer(help="API keys.", no_args_is_help=True)
    keys.command("create")(create_key)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke_key)
    app.add_typer(keys, name="keys")


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


def add_community(
    community_id: Annotated[str, typer.Argument(help="Short id, such as zhujian.")],
    name_zh: Annotated[str, typer.Option()],
    name_en: Annotated[str, typer.Option()],
    lang: Annotated[Lang, typer.Option(help="Default language.")] = Lang.ZH,
    timezone: Annotated[str, typer.Option()] = "Asia/Shanghai",
) -> None:
    """Add a community."""
    community = Community(
        id=community_id,
        name=Bilingual(zh=name_zh, en=name_en),
        default_lang=lang,
        timezone=timezone,
    )

    async def inside(application: Application) -> None:
        async with application.uow() as uow:
            await uow.communities.save(community)
            await uow.commit()

    console.run(inside)
    console.out.print(f"community {community_id} is ready", markup=False)


def list_communities() -> None:
    """List communities."""

    async def inside(application: Application) -> tuple[Community, ...]:
        async with application.uow() as uow:
            return await uow.communities.all()

    for community in console.run(inside):
        target = community.delivery_url or "no receiver"
        console.out.print(f"{community.id}  {community.name.zh} / {community.name.en}  {target}")


def deliver_to(
    community_id: Annotated[str, typer.Argument()],
    url: Annotated[str, typer.Argument(help="Webhook URL of the receiver; - for none.")],
) -> None:
    """Say where approved texts are sent."""

    async def inside(application: Application) -> None:
        async with application.uow() as uow:
            community = await uow.communities.get(community_id)
            if community is None:
                raise NotFound(f"There is no community {community_id!r}.")
            target = None if url == "-" else url
            await uow.communities.save(community.model_copy(update={"delivery_url": target}))
            await uow.commit()

    console.run(inside)
    console.out.print("saved")


def add_user(
    name: Annotated[str, typer.Argument()],
    role: Annotated[Role, typer.Option()] = Role.MODERATOR,
    lang: Annotated[Lang, typer.Option()] = Lang.ZH,
    password: Annotated[
        bool, typer.Option("--password", help="Ask for a password; else only login links.")
    ] = False,
) -> None:
    """Add a person."""
    secret = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None
    )

    async def inside(application: Application) -> None:
        await application.accounts.create_user(name, role, password=secret, lang=lang)

    console.run(inside)
    console.out.print(f"{name} may log in as {role.value}", markup=False)


def login_link(name: Annotated[str, typer.Argument()]) -> None:
    """Print a link that logs somebody in once, within 30 minutes."""

    async def inside(application: Application) -> str:
        token = await application.accounts.login_link(name)
        web = application.settings.web
        return f"http://{web.host}:{web.port}/login/{token}"

    console.out.print(console.run(inside), markup=False, soft_wrap=True)


def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[Scope], typer.Option(help="Repeat for several.")],
    community: Annotated[str | None, typer.Option(help="Restrict to one community.")] = None,
) -> None:
    """Create an API key; its secret is shown this once."""

    async def inside(application: Application) -> str:
        _, secret = await application.accounts.create_key(name, scope, community=community)
        return secret

    console.out.print(console.run(inside), markup=False, soft_wrap=True)


def list_keys() -> None:
    """List API keys."""

    async def inside(application: Application) -> list[str]:
        return [
            f"{key.id}  hy_{key.prefix}_…  {key.name}  {','.join(sorted(key.scopes))}"
            + ("  revoked" if key.revoked_at else "")
            for key in await application.accounts.keys()
        ]

    for line in console.run(inside):
        console.out.print(line, markup=False)


def revoke_key(key_id: Annotated[str, typer.Argument()]) -> None:
    """End an API key now."""

    async def inside(application: Application) -> None:
        await application.accounts.revoke_key(key_id)

    console.run(inside)
    console.out.print("revoked")
