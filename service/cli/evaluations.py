"""`huiyin evaluations …`: compare a change with production, here and now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.bank import TermDraft
from service.domain.evaluation import (
    Evaluation,
    EvaluationVerdict,
    ForceState,
    Promotion,
    SubjectKind,
    Trial,
)
from service.errors import InvalidInput
from service.triage.bank_terms import TermFormat, read_terms

EXIT = {EvaluationVerdict.PASS: 0, EvaluationVerdict.FAIL: 1, EvaluationVerdict.INCONCLUSIVE: 3}
NOT_DONE = 2
SHOWN = 30

Community = Annotated[str | None, typer.Option(help="Community id; left out: everybody.")]
Content = Annotated[Path | None, typer.Argument(help="Left out: what is configured.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Changes compared with production.", no_args_is_help=True)
    run = typer.Typer(
        help="Compare: exit code 0 passed, 1 failed, 3 inconclusive, 2 not carried out.",
        no_args_is_help=True,
    )
    run.command("prompt")(run_prompt)
    run.command("bank")(run_bank)
    run.command("taxonomy")(run_taxonomy)
    run.command("thresholds")(run_thresholds)
    run.command("rules")(run_rules)
    group.add_typer(run, name="run")
    group.command("list")(list_evaluations)
    group.command("show")(show)
    group.command("in-force")(in_force)
    group.command("accept")(accept)
    app.add_typer(group, name="evaluations")


def run_prompt(
    template: Annotated[str, typer.Argument(help="Id, such as reply/grounded.zh.")],
    version: Annotated[int, typer.Option(min=1, help="Number of a version.")],
    community: Community = None,
) -> None:
    """Compare a version of a prompt with production."""
    _run(lambda application: application.prompt_desk.trial(template, version, community))


def run_bank(
    phrases: Annotated[list[str], typer.Argument()],
    community: Community = None,
    floor: Annotated[int, typer.Option(min=1, max=4, help="Least severity.")] = 3,
    code: Annotated[str, typer.Option(help="Name of the finding.")] = "managed",
) -> None:
    """Compare the terms in force with these severity terms beside them."""
    like = TermDraft(phrase="--", floor=floor, code=code)
    drafts = read_terms("\n".join(phrases), TermFormat.LINES, like)
    _run(lambda application: application.bank.trial(community, drafts))


def run_taxonomy(file: Content = None) -> None:
    """Compare a taxonomy file, or the one configured, with the one in force."""
    content = _content(file)
    _run(lambda application: application.in_force.trial(SubjectKind.TAXONOMY, content))


def run_thresholds(file: Content = None) -> None:
    """Compare thresholds in a JSON file, or those configured, with those in force."""
    content = _content(file)
    _run(lambda application: application.in_force.trial(SubjectKind.THRESHOLDS, content))


def run_rules(
    slug: Annotated[str, typer.Argument(help="Of a staged document.")],
    community: Annotated[str, typer.Option(help="Community id.")],
    retire: Annotated[bool, typer.Option("--retire", help="Compare the rules without it.")] = False,
) -> None:
    """Compare rules with a staged document with those in use; it goes live once it passed."""

    async def wanted(application: Application) -> Trial:
        rules = application.rules
        of = rules.trial_without if retire else rules.trial
        return await of(community, slug)

    _run(wanted)


def in_force() -> None:
    """Say what is configured and what is in force; exit code 1 where they differ."""

    async def inside(application: Application) -> tuple[ForceState, ...]:
        return await application.in_force.states()

    states = console.run(inside)
    for one in states:
        configured = "" if one.accepted else f"; configured {one.hash or 'nothing usable'}"
        _print(f"{one.kind.value}: in force {one.in_force}{configured} ({one.policy})")
        for line in filter(None, (one.problem, one.remedy)):
            _print(f"  {line}")
    if not all(one.accepted for one in states):
        raise typer.Exit(1)


def accept(
    kind: Annotated[SubjectKind, typer.Argument(help="taxonomy or thresholds.")],
    file: Content = None,
    override: Annotated[
        str, typer.Option(help="Why, where nothing passed; is kept and shown.")
    ] = "",
    back_to: Annotated[
        str | None, typer.Option(help="Hash of one that was in force before.")
    ] = None,
) -> None:
    """Put in force what passed, or what was in force before; a server takes it up in seconds."""
    content = _content(file)

    async def inside(application: Application) -> Promotion:
        return await application.in_force.accept(
            kind, by="cli", override=override, content=content, back_to=back_to
        )

    made = console.run(inside)
    _print(f"{made.kind.value} {made.version} is in force ({made.basis.value})")


def list_evaluations(community: Annotated[str, typer.Option(help="Community id.")]) -> None:
    """List comparisons for it and for everybody, newest first."""

    async def inside(application: Application) -> tuple[Evaluation, ...]:
        return (await application.queries.evaluations(community, limit=SHOWN)).items

    for one in console.run(inside):
        _print(_line(one))


def show(evaluation_id: Annotated[str, typer.Argument()]) -> None:
    """Print a comparison; exit code as that of `run`."""

    async def inside(application: Application) -> Evaluation:
        return await application.evaluations.get(evaluation_id)

    _tell(console.run(inside))


def _content(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read.") from error


def _run(trial: Callable[[Application], Awaitable[Trial]]) -> None:
    async def inside(application: Application) -> Evaluation:
        wanted = await trial(application)
        done = await application.evaluations.request(wanted, by="cli", queue=False)
        with console.err.status("comparing with production"):
            found = await application.evaluations.run(done.evaluation.id)
        await application.rules.settle(found)
        return found

    _tell(console.run(inside))


def _tell(found: Evaluation) -> None:
    _print(_line(found))
    if found.failure:
        console.err.print(f"huiyin: {found.failure}", style="red", markup=False)
    if found.findings is None:
        raise typer.Exit(NOT_DONE)
    for reason in found.findings.reasons:
        _print(f"  {reason}")
    for one in found.findings.regressions:
        _print(f"  worse: {one.case} {one.metric} {one.baseline:.2f} -> {one.candidate:.2f}")
    raise typer.Exit(EXIT[found.findings.verdict])


def _line(one: Evaluation) -> str:
    state = one.verdict or one.status
    what = f"{one.kind.value} {one.name}".strip()
    return (
        f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}  {what} {one.version} "
        f"for {one.community or 'everybody'}: {state.value}"
    )


def _print(text: str) -> None:
    console.out.print(text, markup=False, soft_wrap=True, highlight=False)
