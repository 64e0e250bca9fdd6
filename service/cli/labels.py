"""`huiyin labels …`: a model judges texts and is measured by people; texts come in, figures out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from service.bootstrap import Application
from service.cli import console
from service.domain.labelling import NewItem
from service.domain.quality import Agreement
from service.errors import InvalidInput, NotFound
from service.flows.judging import Judging
from service.quality.agreement import agreements
from service.quality.bar import JudgedShare
from service.quality.rubrics import load_rubrics

IGNORED = 3
"""Exit code where no judge may say anything: inconclusive, as in evals."""

CHUNK = 200
"""Texts stored at once, as over the API."""

_ITEMS = TypeAdapter(tuple[NewItem, ...])

Community = Annotated[str, typer.Argument(help="Community id.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Judging of texts by rubrics.", no_args_is_help=True)
    group.command("judge")(judge)
    group.command("agreement")(agreement)
    group.command("import")(import_texts)
    app.add_typer(group, name="labels")


def judge(
    community: Community,
    rubric: Annotated[str, typer.Argument(help="Rubric id, such as grounded.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Texts a language.")] = 100,
    everything: Annotated[bool, typer.Option(help="Also texts no person judged.")] = False,
    at_least: Annotated[
        float, typer.Option(min=0, max=1, help="Share of texts that must pass.")
    ] = 0.9,
) -> None:
    """Judge with the configured model, print its agreement with people. Exit code 0: every share
    reaches the bar; 1: one does not; 3: a judge is below kappa 0.6 and its share is ignored."""

    async def inside(application: Application) -> Judging:
        return await application.judging.run(
            community, rubric, limit=limit, at_least=at_least, everything=everything
        )

    done = console.run(inside)
    typer.echo(f"{done.labelled} judged, {done.unjudged} without a verdict")
    for one in done.shares:
        typer.echo(_line(one))
    raise typer.Exit(_code(done))


def agreement(
    community: Community,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write it for `python -m evals gate --agreement`.")
    ] = None,
) -> None:
    """Show how far people agree with each other, and each judge with people, by rubric and
    language."""

    async def inside(application: Application) -> tuple[Agreement, ...]:
        await _known(application, community)
        rubrics = load_rubrics()
        async with application.uow() as uow:
            found = await uow.labels.judged(community, [one.id for one in rubrics])
        return agreements(found, rubrics)

    found = console.run(inside)
    for one in found:
        typer.echo(_agreed(one))
    if not found:
        typer.echo("nobody and no judge has judged the same text yet")
    if json_file is not None:
        items = [one.model_dump(mode="json") for one in found]
        json_file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"items": items}, ensure_ascii=False, indent=1)
        json_file.write_text(f"{text}\n", encoding="utf-8")


def import_texts(
    community: Community,
    file: Annotated[
        Path, typer.Argument(help='`{"rubric": …, "items": […]}`, as `python -m evals labels`.')
    ],
    rubric: Annotated[str | None, typer.Option(help="Instead of the file's.")] = None,
) -> None:
    """Add texts for people to judge; those known by their name are left as they are."""
    named, items = _texts(file)
    wanted = rubric or named
    if not wanted:
        raise InvalidInput(f"{file} names no rubric; give one with --rubric.")

    async def inside(application: Application) -> int:
        await _known(application, community)
        flow, added = application.labelling, 0
        for chunk in _chunks(items):
            added += await flow.give(community, wanted, chunk, "cli")
        return added

    added = console.run(inside)
    typer.echo(f"{added} added, {len(items) - added} known before")


async def _known(application: Application, community: str) -> None:
    async with application.uow() as uow:
        if await uow.communities.get(community) is None:
            raise NotFound(f"There is no community {community!r}.")


def _texts(file: Path) -> tuple[str, tuple[NewItem, ...]]:
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        return str(given.get("rubric") or ""), _ITEMS.validate_python(given["items"])
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{file} holds no texts to label: {place}: {first['msg']}.") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise InvalidInput(f"{file} holds no texts to label.") from error


def _chunks(items: Sequence[NewItem]) -> Iterator[Sequence[NewItem]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _agreed(one: Agreement) -> str:
    kappa = one.kappa
    known = kappa.value is not None and kappa.low is not None and kappa.high is not None
    told = f"{kappa.value:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]" if known else "unknown"
    who = one.judge or "people"
    gates = "  may gate" if one.may_gate else ""
    return f"{one.rubric}  {one.lang or 'all'}  {who}  kappa {told} ({kappa.n} pairs){gates}"


def _line(one: JudgedShare) -> str:
    known = one.kappa is not None and one.kappa.value is not None
    kappa = f"{one.kappa.value:.2f}" if one.kappa and known else "unknown"
    pairs = one.kappa.n if one.kappa else 0
    return (
        f"{one.lang.value}  {one.verdict}  passed {one.passed.value:.2f} of {one.passed.n}  "
        f"kappa with people {kappa} ({pairs} pairs)  {one.judge}"
    )


def _code(done: Judging) -> int:
    verdicts = {one.verdict for one in done.shares}
    if "fail" in verdicts:
        return 1
    return 0 if verdicts == {"pass"} else IGNORED
