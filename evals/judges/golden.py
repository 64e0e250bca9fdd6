"""Texts whose value is known: a judge that lets the bad ones pass is not to be believed."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from evals.errors import DatasetInvalid
from service.domain.base import Frozen, Lang
from service.domain.labelling import Material

FILE = Path(__file__).parent.parent / "datasets" / "judges.jsonl"


class GoldenText(Frozen):
    """A text with the rubric's word on it, by which `passes` or not."""

    id: str = Field(min_length=1)
    rubric: str
    lang: Lang
    passes: bool
    material: Material


def golden_texts(path: Path = FILE) -> tuple[GoldenText, ...]:
    """All of them.

    Raises:
        DatasetInvalid: the file is missing, a line malformed or an id repeated.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = tuple(GoldenText.model_validate_json(line) for line in lines if line.strip())
    except (OSError, ValidationError) as error:
        raise DatasetInvalid(f"{path.name} cannot be read: {error}") from error
    if len({one.id for one in found}) < len(found):
        raise DatasetInvalid(f"{path.name} repeats an id.")
    return found
