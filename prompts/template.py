"""A loaded template: sections of literal text and variables, rendered by plain joining.

Values are never scanned again, so `$`, braces and section marks inside them mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from prompts.errors import PromptError
from prompts.fence import fence
from prompts.front_matter import FrontMatter, Variable

_TOKEN = re.compile(r"\$(?:(?P<escape>\$)|(?P<name>[a-z_][a-z0-9_]*)|\{(?P<braced>[a-z_]\w*)\})?")
_SPACES = re.compile(r"\s+")


class Message(NamedTuple):
    """One turn of the rendered prompt."""

    role: str
    content: str


class Hole(NamedTuple):
    """The place of a variable, with the file and line it stands on."""

    name: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """One role's text, cut at its variables."""

    role: str
    parts: tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A prompt as data. `hash` is the SHA-256 (hex) of the file with its partials put in.

    `text` is the whole file; `partials` are the files it includes, by name.
    """

    source: str
    front: FrontMatter
    hash: str
    sections: tuple[Section, ...]
    text: str
    partials: Mapping[str, str]

    @property
    def id(self) -> str:
        """`<kind>/<name>.<lang>`, the file's place below `prompts/`."""
        return self.front.id

    @property
    def version(self) -> int:
        """The author's version number."""
        return self.front.version

    @property
    def variables(self) -> Mapping[str, Variable]:
        """What `render` takes."""
        return self.front.variables

    def render(self, **values: str | int) -> list[Message]:
        """Fill the variables in.

        Raises:
            PromptError: a value is missing, undeclared or of the wrong type.
        """
        for name in values:
            if name not in self.variables:
                raise PromptError(self.source, 1, f"no such variable: {name}")
        filled = {name: self._fill(name, spec, values) for name, spec in self.variables.items()}
        return [Message(section.role, _join(section, filled)) for section in self.sections]

    def _fill(self, name: str, spec: Variable, values: Mapping[str, str | int]) -> str:
        if name not in values:
            if spec.required:
                raise PromptError(self.source, 1, f"variable {name} was not given")
            return ""
        value = values[name]
        wanted = int if spec.type == "int" else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise PromptError(self.source, 1, f"variable {name} must be {wanted.__name__}")
        text = _SPACES.sub(" ", str(value)).strip() if spec.type == "line" else str(value)
        return fence(name, text) if spec.fenced else text


def cut(source: str, text: str, first_line: int) -> tuple[str | Hole, ...]:
    """Cut a section's text at its `$name`s; `$$` is a dollar sign.

    Raises:
        PromptError: a lone `$`.
    """
    parts: list[str | Hole] = []
    end = 0
    for match in _TOKEN.finditer(text):
        line = first_line + text.count("\n", 0, match.start())
        parts.append(text[end : match.start()])
        parts.append(_token(source, match, line))
        end = match.end()
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def _token(source: str, match: re.Match[str], line: int) -> str | Hole:
    name = match["name"] or match["braced"]
    if name:
        return Hole(name, source, line)
    if match["escape"]:
        return "$"
    raise PromptError(source, line, "a lone '$'; write '$$' for a dollar sign")


def _join(section: Section, filled: Mapping[str, str]) -> str:
    return "".join(filled[p.name] if isinstance(p, Hole) else p for p in section.parts)
