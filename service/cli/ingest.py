"""`huiyin ingest FILE`: messages from a file, resumable, nothing lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from service.bootstrap import Application
from service.cli import console, work
from service.connectors.files import Row, parse_mapping, read_rows
from service.domain.message import IngestResult, IngestStatus
from service.flows.ingest import MAX_BATCH

Pairs = Annotated[list[str] | None, typer.Option(metavar="FIELD=VALUE")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest)


def ingest(
    file: Annotated[Path, typer.Argument(help="A .jsonl or .csv file.")],
    community: Annotated[str, typer.Option(help="Community id.")],
    column: Annotated[
        list[str] | None, typer.Option(help="FIELD=COLUMN, when a column has another name.")
    ] = None,
    constant: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE for every row, such as source=forum.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Text encoding of the file.")] = "utf-8-sig",
    report: Annotated[
        Path | None, typer.Option(help="Where bad rows go (default: FILE.rejected.jsonl).")
    ] = None,
    restart: Annotated[bool, typer.Option(help="Read again from the first row.")] = False,
) -> None:
    """Ingest messages from a file; run it again to go on where it stopped."""
    rows = read_rows(file, parse_mapping(column or [], constant or []), encoding=encoding)
    rejected = report or file.with_name(file.name + ".rejected.jsonl")

    async def inside(application: Application) -> _Tally:
        mark = _Mark(application.settings.data_dir.expanduser(), file, community, restart)
        if not mark.line:
            rejected.unlink(missing_ok=True)
        tally = await _ingest(application, community, rows, mark, rejected)
        with work.alone(application.settings) as nobody:
            if nobody and application.settings.embedded:
                await work.drain(application, "Triage and drafts")
        return tally

    tally = console.run(inside)
    console.out.print(
        f"{tally.accepted} accepted, {tally.duplicates} already known, {tally.rejected} rejected"
        + (f" (see {rejected})" if tally.rejected else "")
    )
    raise typer.Exit(0 if not tally.rejected else 3)


class _Tally:
    """Counts of one run."""

    def __init__(self) -> None:
        self.accepted = self.duplicates = self.rejected = 0

    def count(self, results: tuple[IngestResult, ...]) -> None:
        for result in results:
            self.accepted += result.status is IngestStatus.ACCEPTED
            self.duplicates += result.status is IngestStatus.DUPLICATE
            self.rejected += result.status is IngestStatus.REJECTED


class _Mark:
    """How far a file has been read; the file's head is part of the key, so that another file of
    the same name starts afresh."""

    def __init__(self, data_dir: Path, file: Path, community: str, restart: bool) -> None:
        with file.open("rb") as stream:
            head = stream.read(4096)
        key = hashlib.sha256(f"{community}\0{file.resolve()}\0".encode() + head).hexdigest()
        self._path = data_dir / "ingest" / f"{key[:24]}.json"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if restart:
            self._path.unlink(missing_ok=True)

    @property
    def line(self) -> int:
        """The last line known to be stored or reported; 0 at the start."""
        if not self._path.exists():
            return 0
        return int(json.loads(self._path.read_text())["line"])

    def move(self, line: int) -> None:
        """Remember; replaced atomically."""
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"line": line}))
        draft.replace(self._path)


async def _ingest(
    application: Application,
    community: str,
    rows: Iterator[Row],
    mark: _Mark,
    rejected: Path,
) -> _Tally:
    tally, start = _Tally(), mark.line
    fresh = (row for row in rows if row.line > start)
    with console.progress() as bar:
        task = bar.add_task("Messages", total=None)
        while batch := list(islice(fresh, MAX_BATCH)):
            await _send(application, community, batch, tally, rejected)
            mark.move(batch[-1].line)
            bar.advance(task, len(batch))
    return tally


async def _send(
    application: Application, community: str, batch: list[Row], tally: _Tally, rejected: Path
) -> None:
    good = [row for row in batch if row.item is not None]
    bad = [(row.line, row.problem or "") for row in batch if row.item is None]
    if good:
        results = await application.ingest.ingest(community, [row.item for row in good])
        tally.count(results)
        bad += [
            (good[result.index].line, result.detail or "")
            for result in results
            if result.status is IngestStatus.REJECTED
        ]
    tally.rejected += sum(row.item is None for row in batch)
    if bad:
        with rejected.open("a", encoding="utf-8") as stream:
            for line, problem in sorted(bad):
                stream.write(json.dumps({"line": line, "problem": problem}) + "\n")
