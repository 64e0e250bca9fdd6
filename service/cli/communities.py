"""`huiyin communities …`."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

from service.bootstrap import Application
from service.cli import console
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.errors import InvalidInput, NotFound


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Communities.", no_args_is_help=True)
    group.command("add")(add_community)
    group.command("list")(list_communities)
    group.command("deliver-to")(deliver_to)
    group.command("webhook-secret")(webhook_secret)
    app.add_typer(group, name="communities")


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
        console.out.print(
            f"{community.id}  {community.name.zh} / {community.name.en}  {target}", markup=False
        )


def deliver_to(
    community_id: Annotated[str, typer.Argument()],
    url: Annotated[str, typer.Argument(help="Webhook URL of the receiver; - for none.")],
) -> None:
    """Say where approved texts are sent."""
    target = _checked(url)

    async def inside(application: Application) -> None:
        async with application.uow() as uow:
            community = await uow.communities.get(community_id)
            if community is None:
                raise NotFound(f"There is no community {community_id!r}.")
            await uow.communities.save(community.model_copy(update={"delivery_url": target}))
            await uow.commit()

    console.run(inside)
    console.out.print("saved")


def webhook_secret(community_id: Annotated[str, typer.Argument()]) -> None:
    """Print the secret that signs a community's inbound webhook."""

    async def inside(application: Application) -> str:
        async with application.uow() as uow:
            if await uow.communities.get(community_id) is None:
                raise NotFound(f"There is no community {community_id!r}.")
        return application.secrets.inbound_of(community_id)

    console.out.print(console.run(inside), markup=False, soft_wrap=True)


def _checked(url: str) -> str | None:
    if url == "-":
        return None
    try:
        return str(TypeAdapter(AnyHttpUrl).validate_python(url))
    except ValidationError as error:
        raise InvalidInput(f"{url!r} is no http or https address.") from error
