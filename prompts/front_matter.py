"""The head of a template file: YAML between two `---` lines."""

from __future__ import annotations

from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prompts.errors import PromptError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with one: all templates are read at every start."""

Kind = Literal["reply", "post", "classify", "theme", "judge", "partial"]


class Variable(BaseModel):
    """One value a template takes. `line` values lose their line breaks; `int` is a whole number.

    Text that a member or a document wrote must be `fenced`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["text", "line", "int"] = "text"
    required: bool = True
    fenced: bool = False


class FrontMatter(BaseModel):
    """What a template says of itself; unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9_/.-]+$")
    version: int = Field(ge=1)
    lang: Literal["zh", "en"]
    kind: Kind
    description: str = Field(min_length=1)
    output: str | None = None
    variables: dict[str, Variable] = {}


def split(source: str, text: str) -> tuple[str, str, int]:
    """Head, body and the body's first line number (1-based).

    Raises:
        PromptError: there is no front matter.
    """
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise PromptError(source, 1, "the file must begin with '---' and YAML front matter")
    for index, line in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            return "\n".join(lines[1:index]), "\n".join(lines[index + 1 :]), index + 2
    raise PromptError(source, len(lines), "the front matter is never closed with '---'")


def parse(source: str, head: str) -> FrontMatter:
    """Read and check the head.

    Raises:
        PromptError: it is no YAML, or a key is unknown, missing or of the wrong type.
    """
    try:
        raw = yaml.load(head, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise PromptError(source, line, f"not valid YAML: {error}") from error
    if not isinstance(raw, dict):
        raise PromptError(source, 2, "the front matter must be a mapping")
    try:
        return FrontMatter.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]]
        where = ".".join(path) or "front matter"
        raise PromptError(source, _line_of(head, path), f"{where}: {first['msg']}") from error


def _line_of(head: str, path: list[str]) -> int:
    """Line of the deepest key of `path` that stands in the file; the head begins on line 2."""
    lines, found = head.split("\n"), 0
    for key in path:
        for index in range(found, len(lines)):
            if lines[index].strip().startswith((f"{key}:", f'"{key}":')):
                found = index
                break
    return found + 2
