"""Stored answers as texts for people to label, blind: `huiyin labels import` reads them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from evals.errors import EvalError
from evals.judges.ask import drawn
from evals.judges.material import digest, materials, text_rubric
from evals.model import EvalRun
from service.domain.base import Frozen
from service.domain.labelling import LONGEST_TEXT, MOST_SOURCES, Material, NewItem


class ItemsFile(Frozen):
    """Texts to be judged by a rubric, as `POST /v1/labels/items` takes them besides `community`."""

    rubric: str
    items: tuple[NewItem, ...]


def items_of(
    runs: Iterable[EvalRun],
    rubric: str,
    redact: Callable[[str], str],
    *,
    limit: int | None = None,
    seed: int = 7,
) -> ItemsFile:
    """The answers of runs of draft or posts, in an order drawn with the seed, each text once.

    A name says task, case and a hash of what is shown, not who wrote it: an answer that did not
    change is asked about once, whatever run it is of.

    Raises:
        EvalError: a run is of another task, or has no text.
        RunMismatch: a run was made over other rules.
        NotFound: there is no such rubric.
    """
    text_rubric(rubric)
    found = {item.ref: item for run in runs for item in _items(run, redact, limit)}
    if not found:
        raise EvalError("There is no text to label in these runs.")
    items = sorted(found.values(), key=lambda item: item.ref)
    random.Random(seed).shuffle(items)  # noqa: S311 not secret
    return ItemsFile(rubric=rubric, items=tuple(items))


def write_items(found: ItemsFile, path: Path) -> Path:
    """Write them; returns the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def _items(run: EvalRun, redact: Callable[[str], str], limit: int | None) -> Iterator[NewItem]:
    shown = materials(run, redact)
    lang = {sample.id: sample.lang for sample in run.samples}
    for key in drawn(run, limit):
        if key in shown:
            ref = f"evals:{run.manifest.task}/{key}/{digest(shown[key])[:12]}"
            yield NewItem(ref=ref, lang=lang[key], material=_fitting(shown[key]))


def _fitting(material: Material) -> Material:
    """Within the limits of what comes in."""
    sources = tuple(one[:LONGEST_TEXT] for one in material.sources[:MOST_SOURCES])
    return material.model_copy(update={"sources": sources})
