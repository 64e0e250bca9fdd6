"""`huiyin evaluations …`: compare a change with production, here and now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console
from service.domain.bank import TermDraft
from service.domain.evaluation import Evaluation, EvaluationVerdict, Trial
from service.triage.bank_terms import TermFormat, read_terms

EXIT = {EvaluationVerdict.PASS: 0, EvaluationVerdict.FAIL: 1, EvaluationVerdict.INCONCLUSIVE: 3}
NOT_DONE = 2
SHOWN = 30

Community = Annotated[str | None, typer.Option(help="Community id; left out: everybody.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Changes compared with production.", no_args_is_help=True)
    run = typer.Typer(
        help="Compare: exit code 0 passed, 1 failed, 3 inconclusive, 2 not carried out.",
        no_args_is_help=True,
    )
    run.command("prompt")(run_prompt)
    run.command("bank")(run_bank)
    group.add_typer(run, name="run")
    group.command("list")(list_evaluations)
    group.command("show")(show)
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


def _run(trial: Callable[[Application], Awaitable[Trial]]) -> None:
    async def inside(application: Application) -> Evaluation:
        wanted = await trial(application)
        done = await application.evaluations.request(wanted, by="cli", queue=False)
        with console.err.status("comparing with production"):
            return await application.evaluations.run(done.evaluation.id)

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
