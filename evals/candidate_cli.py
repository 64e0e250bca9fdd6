"""`python -m evals candidate`: may this change take production's place?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from evals.asking import manner
from evals.console import bar, console
from evals.judges.jury import Jury
from evals.judges.trust import load_agreements
from evals.registry import registry
from evals.report.junit import write_junit
from evals.report.terminal import print_verdict
from evals.subject import Subject
from evals.suite import Plan
from evals.thresholds import FILE, load_thresholds


def candidate(
    subject: Annotated[
        str,
        typer.Option(help="prompt:<id>, taxonomy, bank, thresholds or rules; @version at will."),
    ],
    file: Annotated[
        Path, typer.Option(help="The candidate: a text, TOML or JSON file; a folder of rules.")
    ],
    production: Annotated[
        Path | None, typer.Option(help="Folder with what is in production; else as shipped.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the verdict here.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path(".huiyin/evals/candidates"),
    limit: Annotated[int | None, typer.Option(min=1, help="Draw so many cases a task.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Ask so often where a model writes.")] = 1,
    junit: Annotated[Path | None, typer.Option(help="Write every check as JUnit XML.")] = None,
    own: Annotated[
        Path | None, typer.Option("--own", help="Folder of a community's own cases.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ask the model anew, keep nothing.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of draws and intervals.")] = 7,
    thresholds: Annotated[Path, typer.Option(help="The gate's bars.")] = FILE,
    agreement: Annotated[
        Path | None,
        typer.Option(help="Judges' agreement with people: trusted ones read the texts of both."),
    ] = None,
    judge_limit: Annotated[int | None, typer.Option(min=1, help="Texts a language judged.")] = None,
) -> None:
    """Ask production and a candidate about the same golden cases, and gate the difference. Judges
    people bear out are heard as in the gate (`--agreement`)."""
    from evals.trial import Trial, try_candidate
    from service.settings import load_settings

    named, at = Subject.parse(subject), datetime.now(UTC)
    plan = Plan(
        out / f"{at:%Y%m%dT%H%M%SZ}-{named.kind}", at, seed, limit, repeats=repeats, own=own
    )
    plan = replace(plan, manner=manner(cached=not no_cache))
    trial, bars = Trial(named, file, production), load_thresholds(thresholds)
    jury = Jury(load_agreements(agreement), judge_limit) if agreement else None
    tried = try_candidate(trial, load_settings(), registry(), plan, bar, bars, jury)
    if json is not None:
        json.parent.mkdir(parents=True, exist_ok=True)
        json.write_text(tried.record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if tried.checks is not None:
        print_verdict(tried.checks, console)
        if junit is not None:
            write_junit(tried.checks, junit)
    else:
        console.print(f"{tried.record.verdict}: {escape(' '.join(tried.record.reasons))}")
    for one in tried.record.regressions:
        console.print(
            f"  worse: {escape(one.case)} {one.metric} {one.baseline:.2f} → {one.candidate:.2f}"
        )
    raise typer.Exit(tried.record.exit_code)
