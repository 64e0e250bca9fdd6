"""`huiyin rules …`: documents by command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from retrieval.types import DocumentKind, Retrieval
from service.bootstrap import Application
from service.cli import console
from service.domain.document import Document, DocumentStatus
from service.errors import InvalidInput
from service.flows.rules import Upload, Uploaded

Community = Annotated[str, typer.Option(help="Community id.")]
Override = Annotated[str, typer.Option(help="Why, without a pass; is kept and shown.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Rule, FAQ and fact documents.", no_args_is_help=True)
    group.command("upload")(upload)
    group.command("list")(list_documents)
    group.command("publish")(publish)
    group.command("discard")(discard)
    group.command("retire")(retire)
    group.command("search")(search)
    app.add_typer(group, name="rules")


def upload(
    files: Annotated[list[Path], typer.Argument(help="Markdown, text, HTML, DOCX or PDF.")],
    community: Community,
    kind: Annotated[DocumentKind | None, typer.Option(help="Overrides the document.")] = None,
    override: Override = "",
) -> None:
    """Upload documents; a changed one becomes a new version, live or staged for a comparison."""

    async def inside(application: Application) -> list[Uploaded]:
        done = []
        for file in files:
            if not file.is_file():
                raise InvalidInput(f"There is no file {file}.")
            given = Upload(filename=file.name, data=file.read_bytes(), kind=kind)
            done.append(
                await application.rules.upload(community, given, by="cli", override=override)
            )
        return done

    for one in console.run(inside):
        _print_uploaded(one, community)


def publish(
    slug: Annotated[str, typer.Argument()], community: Community, override: Override = ""
) -> None:
    """Put a staged version in use, once its comparison passed."""

    async def inside(application: Application) -> Document:
        return await application.rules.publish(community, slug, by="cli", override=override)

    console.out.print(f"{slug} v{console.run(inside).version} is live", markup=False)


def discard(slug: Annotated[str, typer.Argument()], community: Community) -> None:
    """Let go of a staged version."""

    async def inside(application: Application) -> None:
        await application.rules.discard(community, slug)

    console.run(inside)
    console.out.print(f"the staged version of {slug} is discarded", markup=False)


def list_documents(
    community: Community,
    history: Annotated[bool, typer.Option(help="Earlier and retired versions too.")] = False,
) -> None:
    """List documents."""

    async def inside(application: Application) -> tuple[Document, ...]:
        return await application.rules.history(community)

    for document in console.run(inside):
        if history or document.status.value == "live":
            console.out.print(
                f"{document.slug} v{document.version} {document.status.value} "
                f"{document.kind.value} {document.clause_count} clauses · {document.title}",
                markup=False,
            )


def retire(
    slug: Annotated[str, typer.Argument()], community: Community, override: Override = ""
) -> None:
    """Take a document out of use."""

    async def inside(application: Application) -> None:
        await application.rules.retire(community, slug, by="cli", override=override)

    console.run(inside)
    console.out.print(f"{slug} is retired", markup=False)


def search(query: Annotated[str, typer.Argument()], community: Community) -> None:
    """Find the clauses that answer a question."""

    async def inside(application: Application) -> Retrieval:
        redacted = application.redactor.redact(query)
        return await application.search.search(community, redacted.text)

    result = console.run(inside)
    verdict = "found" if result.found else "no rule found"
    console.out.print(f"{verdict}, confidence {result.confidence:.0%}")
    for passage in result.passages:
        console.out.print(
            f"  {passage.score:.3f}  {passage.clause.id}  {passage.clause.text[:80]}", markup=False
        )


def _print_uploaded(one: Uploaded, community: str) -> None:
    document, change = one.document, one.changes
    lines = [
        f"{document.slug} v{document.version}: {document.clause_count} clauses "
        f"(+{len(change.added)} ~{len(change.changed)} -{len(change.removed)})"
    ]
    if document.status is DocumentStatus.STAGED:
        lines += [
            f"  staged, not live: {one.policy.sentence}",
            "  the server compares it and puts it live once it passed; without a server: "
            f"huiyin evaluations run rules {document.slug} --community {community}",
        ]
    console.out.print("\n".join(lines), markup=False, soft_wrap=True)
