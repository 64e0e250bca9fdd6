"""`huiyin prompts …` and `huiyin drafts …`: versions, labels, and stored prompts again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.draft import PromptReplay
from service.domain.prompt import LabelMove, PromptLabel, PromptSplit, PromptState
from service.errors import InvalidInput
from service.flows.prompt_desk import Place, Proposed, Word

BY = "cli"
SHOWN = 50

Template = Annotated[str, typer.Argument(help="Id, such as reply/grounded.zh.")]
Community = Annotated[str | None, typer.Option(help="Community id; left out: everybody.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Override = Annotated[str, typer.Option(help="Why it goes past the gate; is kept and shown.")]
Label = Annotated[PromptLabel, typer.Option(help="Which label.")]
Version = Annotated[int, typer.Option(min=1, help="Number of a version.")]


def register(app: typer.Typer) -> None:
    """Add the command groups."""
    group = typer.Typer(help="Prompts under version.", no_args_is_help=True)
    group.command("list")(list_prompts)
    group.command("show")(show)
    group.command("diff")(diff)
    group.command("propose")(propose)
    group.command("label")(label)
    group.command("rollback")(rollback)
    group.command("split")(split)
    group.command("history")(history)
    app.add_typer(group, name="prompts")
    drafts = typer.Typer(help="Stored drafts.", no_args_is_help=True)
    drafts.callback()(_group)
    drafts.command("replay")(replay)
    app.add_typer(drafts, name="drafts")


def list_prompts(community: Community = None) -> None:
    """List prompts with the versions in use."""

    async def inside(application: Application) -> tuple[PromptState, ...]:
        return await application.prompt_views.states(community)

    for one in console.run(inside):
        candidate = f"  candidate v{one.candidate} {one.percent}%" if one.candidate else ""
        unfit = "  does not fit this release: the shipped text is used" if one.unfit else ""
        own = " (own)" if one.own_production else ""
        _print(f"{one.template}  v{one.production} of {one.newest}{own}{candidate}{unfit}")


def show(template: Template, version: Version) -> None:
    """Print the text of a version."""

    async def inside(application: Application) -> str:
        return (await application.prompt_views.version(template, version)).text

    typer.echo(console.run(inside), nl=False)


def diff(template: Template, old: Version, new: Version) -> None:
    """Print what differs between two versions."""

    async def inside(application: Application) -> str:
        return await application.prompt_views.diff(template, old, new)

    typer.echo(console.run(inside), nl=False)


def propose(
    template: Template,
    file: Annotated[Path, typer.Argument(help="The whole text.")],
    note: Annotated[str, typer.Option(help="What was changed and why.")],
) -> None:
    """Store a text as a new version; it is used only where a label is moved to it."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read.") from error

    async def inside(application: Application) -> Proposed:
        return await application.prompt_desk.propose(template, text, Word(BY, note))

    done = console.run(inside)
    _print(f"version {done.version.number} {'is new' if done.added else 'has this text already'}")


def label(
    template: Template,
    reason: Reason,
    label: Label = PromptLabel.PRODUCTION,
    version: Annotated[
        int | None, typer.Option(min=1, help="Left out: the label is taken away.")
    ] = None,
    community: Community = None,
    override: Override = "",
) -> None:
    """Move a label to a version; production needs a passing comparison."""
    place, said = Place(template, label, community), Word(BY, reason, override)

    async def inside(application: Application) -> LabelMove:
        return await application.prompt_desk.move(place, version, said)

    _print(_line(console.run(inside)))


def rollback(
    template: Template,
    reason: Reason,
    version: Annotated[int, typer.Option(min=1, help="Where the label stands now.")],
    label: Label = PromptLabel.PRODUCTION,
    community: Community = None,
) -> None:
    """Take the last move of a label back."""
    place = Place(template, label, community)

    async def inside(application: Application) -> LabelMove:
        return await application.prompt_desk.rollback(place, version, Word(BY, reason))

    _print(_line(console.run(inside)))


def split(
    template: Template,
    percent: Annotated[int, typer.Argument(help="Share of the cases, 0 ends it.")],
    reason: Reason,
    community: Community = None,
) -> None:
    """Give a share of the cases the candidate."""

    async def inside(application: Application) -> PromptSplit:
        return await application.prompt_desk.split(template, community, percent, Word(BY, reason))

    made = console.run(inside)
    _print(f"{made.percent}% of the cases of {made.community or 'everybody'} get the candidate")


def history(
    template: Template, community: Annotated[str, typer.Option(help="Community id.")]
) -> None:
    """List who moved a label, for everybody or this community, newest first."""

    async def inside(application: Application) -> tuple[LabelMove, ...]:
        await application.prompt_views.state(template, community)
        page = await application.queries.prompt_moves(template, community, limit=SHOWN)
        return page.items

    for move in console.run(inside):
        _print(f"{move.at:%Y-%m-%d %H:%M}  {_line(move)}  {move.by}  {move.reason}")


def replay(draft_id: Annotated[str, typer.Argument()]) -> None:
    """Render the prompt of a stored draft again; exit code 1 where it is another one now."""

    async def inside(application: Application) -> PromptReplay:
        return await application.replay.prompt(draft_id)

    found = console.run(inside)
    for message in found.messages:
        typer.echo(f"--- {message.role}\n{message.content}")
    said = {True: "the same", False: "ANOTHER ONE", None: "not known: no hash was kept then"}
    ref = found.template
    console.err.print(
        f"{ref.id} v{ref.version} {ref.hash[:12]}, prompt {found.prompt_hash[:12]}: "
        f"{said[found.same]}",
        markup=False,
    )
    if found.same is False:
        raise typer.Exit(1)


def _group() -> None:
    """Stored drafts."""


def _line(move: LabelMove) -> str:
    scope = move.community or "everybody"
    before, after = (f"v{n}" if n else "none" for n in (move.previous, move.version))
    return f"{move.label.value} of {scope}: {before} -> {after} ({move.kind.value})"


def _print(text: str) -> None:
    console.out.print(text, markup=False, soft_wrap=True, highlight=False)
