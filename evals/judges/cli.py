"""`python -m evals judge`: a model judges stored answers, or which of two runs' are better."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.asking import Manner, manner
from evals.console import bar, console
from evals.errors import EvalError, RunMismatch
from evals.judged import JudgeWords, merged
from evals.judges.ask import Asking, drawn, judged
from evals.judges.chat import asked_chats
from evals.judges.golden import golden_texts
from evals.judges.material import materials, text_rubric
from evals.judges.pairs import Preferences, preferences
from evals.model import EvalRun
from evals.registry import registry
from evals.report.terminal import print_runs
from evals.score import score_run
from evals.state import State
from evals.store import load_run, save_run

if TYPE_CHECKING:
    from evals.wiring import Engines


def judge(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="A stored run of draft or posts.")],
    rubric: Annotated[str, typer.Option(help="grounded, answers, tone, language or refusal.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Cases a language.")] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Which of the two runs is better?")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask the model anew.")] = False,
) -> None:
    """Judge stored answers with the configured model and keep its verdicts beside the run; or ask
    which of two runs' answers are better, in both orders."""
    from evals.production import ProductionEngines
    from service.settings import load_settings

    engines = ProductionEngines(load_settings())
    how = manner(cached=not no_cache)
    if against is None:
        done = judge_run(path, rubric, engines, how, limit)
        print_runs([done], console)
        for words in done.judged:
            console.print(_line(words), markup=False, soft_wrap=True)
    else:
        _print(prefer(path, against, rubric, engines, how, limit))


def judge_run(
    path: Path, rubric: str, engines: Engines, how: Manner, limit: int | None = None
) -> EvalRun:
    """Judge a stored run and store it with the verdicts, scored.

    Raises:
        EvalError: no model is configured, or the run has no texts for people.
        NotFound: there is no such rubric.
        RunMismatch: it is no stored run, or one over other rules.
    """
    run, asking = load_run(path), asking_for(rubric, engines, how)
    shown = materials(run, lambda text: engines.redactor.redact(text).text)
    shown = {key: shown[key] for key in drawn(run, limit) if key in shown}
    golden = [one for one in golden_texts() if one.rubric == rubric]
    langs = {sample.lang for sample in run.samples if sample.id in shown}
    total = len(shown) + sum(one.lang in langs for one in golden)
    with bar(run.manifest.task, total) as progress:
        found = asyncio.run(judged(run, shown, golden, asking, _folder(path), progress))
    scored = score_run(run.model_copy(update={"judged": merged(run.judged, found)}), registry())
    save_run(scored, path / "run.json" if path.is_dir() else path)
    return scored


def prefer(
    path: Path, against: Path, rubric: str, engines: Engines, how: Manner, limit: int | None = None
) -> Preferences:
    """Which of two stored runs a judge prefers, case by case; stored beside the first.

    Raises:
        RunMismatch: they share no answered case.
        EvalError, NotFound: see `judge_run`.
    """
    runs, asking = (load_run(path), load_run(against)), asking_for(rubric, engines, how)
    shared = _same(*runs)
    one, other = (materials(run, lambda text: engines.redactor.redact(text).text) for run in runs)
    ids = [key for key in drawn(runs[0], limit) if key in shared and key in one and key in other]
    if not ids:
        raise RunMismatch("The runs share no answered case.")
    with bar(runs[0].manifest.task, len(ids)) as progress:
        found = asyncio.run(preferences(runs, (one, other), ids, asking, progress))
    folder = _folder(path)
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{rubric}-against-{runs[1].manifest.id}.json"
    kept.write_text(found.model_dump_json(indent=1), encoding="utf-8")
    return found


def asking_for(rubric: str, engines: Engines, how: Manner) -> Asking:
    """Who judges by a rubric: the configured model with the shipped prompts.

    Raises:
        EvalError: no model is configured.
        NotFound: there is no such rubric.
    """
    if engines.chat is None:
        raise EvalError("A judge needs a model: set HUIYIN_LLM__BASE_URL and HUIYIN_LLM__MODEL.")
    chats = asked_chats(engines.chat, engines.settings["llm"], how)
    community = engines.community.id
    return Asking(State().library, chats, text_rubric(rubric), community, how.concurrency)


def _folder(path: Path) -> Path:
    """Beside the run; of a single file, a folder of its name."""
    folder = path if path.is_dir() else path.parent
    return folder / "judged" if path.is_dir() or path.name == "run.json" else path.with_suffix("")


def _same(one: EvalRun, other: EvalRun) -> set[str]:
    if one.manifest.task != other.manifest.task:
        raise RunMismatch("The runs are of different tasks; compare runs of the same one.")
    known = {sample.id: sample for sample in other.samples}
    return {sample.id for sample in one.samples if known.get(sample.id) == sample}


def _line(words: JudgeWords) -> str:
    said = sum(word.value is not None for word in words.words)
    missed = len(words.words) - said
    return (
        f"  {words.lang} {words.metric}: {said} judged, {missed} without a verdict, {words.judge}"
    )


def _print(found: Preferences) -> None:
    for one in found.wins:
        rate, lang = one.rate, one.lang or "all"
        told = f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]" if rate.n else "–"
        counts = f"{one.won} won, {one.lost} lost, {one.ties} ties, {one.failed} not asked"
        console.print(f"{lang}: win rate {told}; {counts}", markup=False, soft_wrap=True)
    for lang, judge_id in found.judges.items():
        console.print(f"  {lang}: judge {judge_id}", markup=False, soft_wrap=True)
