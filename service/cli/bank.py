"""`huiyin bank …`: managed terms by command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from service.bootstrap import Application
from service.cli import console
from service.domain.bank import BankTerm, TermDraft, TermKind
from service.errors import InvalidInput
from service.flows.bank import Added
from service.ports.queries import TermFilter
from service.triage.bank_terms import TermFormat

Community = Annotated[str | None, typer.Option(help="Community id; left out: every community.")]
Kind = Annotated[TermKind, typer.Option(help="What the terms are a sign of.")]
Floor = Annotated[int, typer.Option(min=1, max=4, help="Least severity of severity terms.")]
Code = Annotated[str, typer.Option(help="Name of the finding.")]
Category = Annotated[str | None, typer.Option(help="Category the terms demand.")]
Override = Annotated[str, typer.Option(help="Why it goes past the gate; is kept and shown.")]

_ENDINGS = {".csv": TermFormat.CSV, ".toml": TermFormat.TOML}


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Managed terms of the phrase bank.", no_args_is_help=True)
    group.command("add")(add)
    group.command("import")(load)
    group.command("list")(list_terms)
    group.command("retire")(retire)
    app.add_typer(group, name="bank")


def add(
    phrases: Annotated[list[str], typer.Argument()],
    community: Community = None,
    kind: Kind = TermKind.SEVERITY,
    floor: Floor = 3,
    code: Code = "managed",
    category: Category = None,
    override: Override = "",
) -> None:
    """Put terms in force."""
    drafts = [_draft(phrase, kind, floor, code, category) for phrase in phrases]

    async def inside(application: Application) -> Added:
        return await application.bank.add(community, drafts, by="cli", override=override)

    _print_added(console.run(inside))


def load(
    file: Annotated[Path, typer.Argument(help="A phrase a line, .csv or .toml.")],
    community: Community = None,
    kind: Kind = TermKind.SEVERITY,
    floor: Floor = 3,
    code: Code = "managed",
    category: Category = None,
    override: Override = "",
) -> None:
    """Import a file of terms, all or nothing."""
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read.") from error
    like = _draft("--", kind, floor, code, category)
    form = _ENDINGS.get(file.suffix.lower(), TermFormat.LINES)

    async def inside(application: Application) -> Added:
        return await application.bank.load(
            community, content, form, like, by="cli", override=override
        )

    _print_added(console.run(inside))


def list_terms(
    community: Annotated[str, typer.Option(help="Community id.")],
    text: Annotated[str, typer.Option(help="Substring of the phrase.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
) -> None:
    """List active terms, newest first."""

    async def inside(application: Application) -> tuple[BankTerm, ...]:
        where = TermFilter(status="active", text=text)
        page = await application.queries.bank_terms(community, where, limit=limit)
        return page.items

    for term in console.run(inside):
        scope = term.community or "everywhere"
        floor = "" if term.floor is None else f" {term.floor}"
        console.out.print(
            f"{term.id}  {term.kind.value}{floor} {term.code} {scope}  {term.phrase}",
            markup=False,
            soft_wrap=True,
        )


def retire(
    term_id: Annotated[str, typer.Argument()],
    reason: Annotated[str, typer.Option(help="Why.")],
    override: Override = "",
) -> None:
    """Take a term out of use."""

    async def inside(application: Application) -> BankTerm:
        return await application.bank.retire(term_id, by="cli", reason=reason, override=override)

    console.out.print(f"{console.run(inside).id} is retired", markup=False)


def _draft(phrase: str, kind: TermKind, floor: int, code: str, category: str | None) -> TermDraft:
    grave = floor if kind is TermKind.SEVERITY else None
    try:
        return TermDraft(phrase=phrase, kind=kind, floor=grave, code=code, category=category)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _print_added(done: Added) -> None:
    console.out.print(f"{done.added} added, {done.known} known, version {done.version}")
