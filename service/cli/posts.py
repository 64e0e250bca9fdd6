"""`huiyin posts …`: kinds of posts, and briefs from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from service.bootstrap import Application
from service.cli import console
from service.domain.post import PostBrief, PostRequest
from service.domain.post_kind import PostKind
from service.errors import InvalidInput

Community = Annotated[str, typer.Option(help="Community id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Community posts.", no_args_is_help=True)
    group.command("kinds")(kinds)
    group.command("request")(request)
    app.add_typer(group, name="posts")


def kinds() -> None:
    """List the kinds of posts with the inputs a brief takes; a star marks what it must have."""

    async def inside(application: Application) -> tuple[PostKind, ...]:
        return tuple(application.drafter.post_kinds)

    for kind in console.run(inside):
        console.out.print(f"{kind.id:18} {kind.title.zh} / {kind.title.en}", markup=False)
        for one in kind.inputs:
            mark = "*" if one.required else " "
            line = f"  {mark} {one.name:14} {one.type:9} {one.label.en}"
            console.out.print(line, markup=False, soft_wrap=True)


def request(
    file: Annotated[Path, typer.Argument(help="A brief (JSON), as POST /v1/posts takes it.")],
    community: Community,
) -> None:
    """Ask for a post; its drafts appear in the review queue."""
    brief = _brief(file)

    async def inside(application: Application) -> PostRequest:
        return await application.content.request(community, brief, by="cli")

    asked = console.run(inside)
    console.out.print(f"{asked.id}, {len(asked.brief.forms)} drafts to come", markup=False)


def _brief(file: Path) -> PostBrief:
    try:
        return PostBrief.model_validate_json(file.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read.") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InvalidInput(f"{file.name}, {where}: {first['msg']}") from error
