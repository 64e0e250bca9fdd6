"""`huiyin users …` and `huiyin keys …`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.account import Role, Scope
from service.domain.base import Lang


def register(app: typer.Typer) -> None:
    """Add the command groups."""
    users = typer.Typer(help="People who log in.", no_args_is_help=True)
    users.command("add")(add_user)
    users.command("list")(list_users)
    users.command("password")(password)
    users.command("lock")(lock)
    users.command("unlock")(unlock)
    users.command("login-link")(login_link)
    app.add_typer(users, name="users")
    keys = typer.Typer(help="API keys.", no_args_is_help=True)
    keys.command("create")(create_key)
    keys.command("list")(list_keys)
    keys.command("rotate")(rotate_key)
    keys.command("revoke")(revoke_key)
    app.add_typer(keys, name="keys")


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


def list_users() -> None:
    """List people."""

    async def inside(application: Application) -> list[str]:
        return [
            f"{user.name}  {user.role.value}" + ("" if user.active else "  locked")
            for user in await application.accounts.users()
        ]

    for line in console.run(inside):
        console.out.print(line, markup=False)


def password(name: Annotated[str, typer.Argument()]) -> None:
    """Set a new password; open sessions of this person end."""
    secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def inside(application: Application) -> None:
        await application.accounts.set_password(name, secret)

    console.run(inside)
    console.out.print("saved")


def lock(name: Annotated[str, typer.Argument()]) -> None:
    """Lock somebody out at once."""
    _set_active(name, active=False)


def unlock(name: Annotated[str, typer.Argument()]) -> None:
    """Let somebody in again."""
    _set_active(name, active=True)


def _set_active(name: str, *, active: bool) -> None:
    async def inside(application: Application) -> None:
        await application.accounts.set_active(name, active)

    console.run(inside)
    console.out.print("saved")


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


def rotate_key(
    key_id: Annotated[str, typer.Argument()],
    overlap_hours: Annotated[float, typer.Option(min=0, help="Life left to the old key.")] = 24,
) -> None:
    """Make a key's successor with the same scopes; its secret is shown this once."""

    async def inside(application: Application) -> str:
        overlap = timedelta(hours=overlap_hours)
        _, secret = await application.accounts.rotate_key(key_id, overlap=overlap)
        return secret

    console.out.print(console.run(inside), markup=False, soft_wrap=True)


def revoke_key(key_id: Annotated[str, typer.Argument()]) -> None:
    """End an API key now."""

    async def inside(application: Application) -> None:
        await application.accounts.revoke_key(key_id)

    console.run(inside)
    console.out.print("revoked")
