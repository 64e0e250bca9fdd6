"""The criteria texts are judged by, one versioned file each."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.resources import files

from service.domain.labelling import Rubric
from service.errors import NotFound


@cache
def load_rubrics() -> tuple[Rubric, ...]:
    """Every rubric, by id.

    Raises:
        ValueError: a file does not fit, or anchors a value its scale does not have.
    """
    found = (one for one in files(__name__).iterdir() if one.name.endswith(".toml"))
    return tuple(_read(one.read_bytes()) for one in sorted(found, key=lambda one: one.name))


def rubric_of(rubric_id: str) -> Rubric:
    """One rubric.

    Raises:
        NotFound: there is none of that id.
    """
    for one in load_rubrics():
        if one.id == rubric_id:
            return one
    raise NotFound("There is no such rubric.")


def _read(raw: bytes) -> Rubric:
    fields = tomllib.loads(raw.decode())
    rubric = Rubric.model_validate(fields | {"hash": hashlib.sha256(raw).hexdigest()})
    if {one.value for one in rubric.anchors} != set(rubric.scale.values):
        raise ValueError(f"{rubric.id}: every value of the scale needs an anchor, and no other")
    return rubric
