"""`huiyin previews …`: replay a change on a community's own cases, here and now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.bank import TermDraft
from service.domain.evaluation import SubjectKind, Trial
from service.domain.preview import (
    FlipKind,
    Preview,
    PreviewFindings,
    PreviewFlip,
    PromptTrial,
    Replayed,
)
from service.domain.views import Page
from service.errors import InvalidInput
from service.flows.preview.flow import window_of
from service.flows.rules import Upload
from service.triage.bank_terms import TermFormat, read_terms

NOT_DONE = 2
LISTED = 30

Community = Annotated[str, typer.Option(help="Community id: whose cases are replayed.")]
Days = Annotated[int, typer.Option(help="Cases of so many days, 1 to 30.")]
Most = Annotated[int, typer.Option(help="Of these the newest, at most (1 to 5000).")]
Show = Annotated[int, typer.Option(min=0, max=200, help="Flips to print; all are kept.")]
Content = Annotated[Path | None, typer.Argument(help="Left out: what is in force.")]
Everybody = Annotated[bool, typer.Option(help="The change is for every community.")]

MakeTrial = Callable[[Application], Awaitable[Trial]]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Changes replayed on own cases.", no_args_is_help=True)
    run = typer.Typer(
        help="Replay: exit code 0 done (whatever flips), 2 not carried out.", no_args_is_help=True
    )
    run.command("prompt")(run_prompt)
    run.command("bank")(run_bank)
    run.command("taxonomy")(run_taxonomy)
    run.command("thresholds")(run_thresholds)
    run.command("rules")(run_rules)
    group.add_typer(run, name="run")
    group.command("list")(list_previews)
    group.command("show")(show)
    app.add_typer(group, name="previews")


def run_prompt(
    template: Annotated[str, typer.Argument(help="Id, such as reply/grounded.zh.")],
    version: Annotated[int, typer.Option(min=1, help="Number of a version.")],
    community: Community,
    everybody: Everybody = False,
    days: Days = 14,
    asked: Annotated[int, typer.Option(help="Replies to try; each costs model calls.")] = 20,
    show: Show = 20,
) -> None:
    """Try a version of a reply's prompt on stored replies; needs a model."""
    scope = None if everybody else community

    async def trial(application: Application) -> Trial:
        return await application.prompt_desk.trial(template, version, scope)

    _run(community, trial, (days, 2_000, asked), show)


def run_bank(
    phrases: Annotated[list[str], typer.Argument()],
    community: Community,
    everybody: Everybody = False,
    floor: Annotated[int, typer.Option(min=1, max=4, help="Least severity.")] = 3,
    code: Annotated[str, typer.Option(help="Name of the finding.")] = "managed",
    days: Days = 14,
    most: Most = 2_000,
    show: Show = 20,
) -> None:
    """Replay with these severity terms beside those in force."""
    like = TermDraft(phrase="--", floor=floor, code=code)
    drafts = read_terms("\n".join(phrases), TermFormat.LINES, like)
    scope = None if everybody else community

    async def trial(application: Application) -> Trial:
        return await application.bank.trial(scope, drafts)

    _run(community, trial, (days, most, 1), show)


def run_taxonomy(
    community: Community, file: Content = None, days: Days = 14, most: Most = 2_000, show: Show = 20
) -> None:
    """Replay with a taxonomy file, or the one in force, beside the one accepted last."""
    _run_part(SubjectKind.TAXONOMY, community, file, (days, most, 1), show)


def run_thresholds(
    community: Community, file: Content = None, days: Days = 14, most: Most = 2_000, show: Show = 20
) -> None:
    """Replay with thresholds in a JSON file, or those in force, beside those accepted last."""
    _run_part(SubjectKind.THRESHOLDS, community, file, (days, most, 1), show)


def run_rules(
    document: Annotated[str, typer.Argument(help="A file, or a name with --retire.")],
    community: Community,
    slug: Annotated[str | None, typer.Option(help="Name of the document it replaces.")] = None,
    retire: Annotated[bool, typer.Option(help="Replay without the document of this name.")] = False,
    days: Days = 14,
    most: Most = 2_000,
    show: Show = 20,
) -> None:
    """Replay with a document in the place of the live one, or without one."""
    data = b"" if retire else _bytes(Path(document))

    async def trial(application: Application) -> Trial:
        if retire:
            return await application.rules.replay_without(community, document)
        return await application.rules.replay_of(
            community, Upload(Path(document).name, data, slug=slug)
        )

    _run(community, trial, (days, most, 1), show)


def list_previews(community: Community) -> None:
    """List replays on its cases, newest first."""

    async def inside(application: Application) -> tuple[Preview, ...]:
        return (await application.queries.previews(community, limit=LISTED)).items

    for one in console.run(inside):
        _print(_line(one))


def show(
    preview_id: Annotated[str, typer.Argument()],
    kind: Annotated[FlipKind | None, typer.Option(help="Only this kind of flip.")] = None,
    cursor: Annotated[str | None, typer.Option(help="Printed under the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    """Print a replay and a page of its flips, the gravest first."""

    async def inside(application: Application) -> tuple[Preview, Page[PreviewFlip]]:
        found = await application.previews.get(preview_id)
        return found, await application.queries.preview_flips(
            preview_id, kind=kind, cursor=cursor, limit=limit
        )

    _tell(*console.run(inside))


def _run_part(
    kind: SubjectKind, community: str, file: Path | None, window: tuple[int, int, int], show: int
) -> None:
    content = None if file is None else _bytes(file).decode("utf-8", "replace")

    async def trial(application: Application) -> Trial:
        return await application.in_force.trial(kind, content)

    _run(community, trial, window, show)


def _run(community: str, make: MakeTrial, window: tuple[int, int, int], show: int) -> None:
    wanted = window_of(*window)

    async def inside(application: Application) -> tuple[Preview, Page[PreviewFlip]]:
        trial = await make(application)
        asked = await application.previews.request(community, trial, wanted, by="cli", queue=False)
        with console.progress() as bar:
            task = bar.add_task("Cases", total=None)
            done = await application.previews.run(
                asked.preview.id, lambda cases: bar.update(task, completed=cases)
            )
        flips = await application.queries.preview_flips(done.id, limit=max(1, show))
        return done, Page(items=flips.items[:show], cursor=flips.cursor if show else None)

    _tell(*console.run(inside))


def _tell(one: Preview, flips: Page[PreviewFlip]) -> None:
    _print(_line(one))
    if one.failure:
        console.err.print(f"huiyin: {one.failure}", style="red", markup=False)
    if one.findings is None:
        raise typer.Exit(NOT_DONE)
    _tell_findings(one.findings)
    for flip in flips.items:
        kinds = ",".join(flip.kinds)
        _print(f"  {flip.case_id}  {kinds}: {_side(flip.before)} -> {_side(flip.after)}")
    if flips.cursor:
        _print(f"  more: huiyin previews show {one.id} --cursor {flips.cursor}")


def _tell_findings(found: PreviewFindings) -> None:
    tried = found.prompt.cases if found.prompt else found.cases
    _print(
        f"  {found.flips} of {tried} cases come out otherwise; {found.messages} messages, "
        f"{found.seconds:.1f} s"
    )
    if found.capped:
        _print(f"  capped: the days hold {found.total} cases, the newest {found.cases} count")
    if found.prompt:
        _tell_prompt(found.prompt)
    for group in found.groups:
        _print(f"  {group.kind.value:16} {group.cases:6} {group.share:7.1%}")
    before, after = found.before.model_dump(), found.after.model_dump()
    for name, count in before.items():
        if count is not None and after[name] != count:
            old, new = found.per_day(count), found.per_day(after[name])
            _print(f"  {name} a day: {old:.1f} -> {new:.1f}")


def _tell_prompt(prompt: PromptTrial) -> None:
    cost = "" if prompt.spent.cost is None else f", cost {prompt.spent.cost:.4f}"
    _print(
        f"  {prompt.cases} of {prompt.fitting} replies tried, {prompt.reused} taken from drafts, "
        f"{prompt.unanswered} without an answer"
    )
    _print(
        f"  {prompt.spent.calls} calls, {prompt.spent.tokens} tokens{cost} "
        f"(expected {prompt.expected.tokens} tokens)"
    )
    if prompt.before is not None and prompt.after is not None:
        _print(f"  tokens a reply: {prompt.before:.0f} -> {prompt.after:.0f}")
    if prompt.stopped:
        _print(f"  stopped: {prompt.stopped}")


def _side(one: Replayed) -> str:
    reply = "" if one.reply is None else f" {one.reply.outcome} {one.reply.clause or '-'}"
    named = "+".join(one.categories) or "-"
    return f"{named} {one.severity} {one.department} due {one.due_at:%m-%d %H:%M}{reply}"


def _line(one: Preview) -> str:
    what = f"{one.kind.value} {one.name}".strip()
    return (
        f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}  {what} {one.version}, "
        f"{one.window.days} days of {one.community}: {one.status.value}"
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read.") from error


def _print(text: str) -> None:
    console.out.print(text, markup=False, soft_wrap=True, highlight=False)
