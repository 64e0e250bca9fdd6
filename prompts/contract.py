"""What a changed text must keep of the shipped one: the code around it stays the same."""

from __future__ import annotations

from collections.abc import Iterator

from prompts.errors import PromptError
from prompts.template import Hole, PromptTemplate, Section


def require_fit(shipped: PromptTemplate, other: PromptTemplate) -> None:
    """Check a text of the same id against what the code gives it and reads from its answer.

    It may leave out what is optional. Required values, their types and fences, the section a
    fenced value stands in, and the form of the answer stay.

    Raises:
        PromptError: naming the line.
    """
    if other.id != shipped.id:
        raise PromptError(other.source, 2, f"the id is {other.id}, not {shipped.id}")
    if other.front.output != shipped.front.output:
        line = _line_of(other, "output:")
        raise PromptError(other.source, line, f"output must stay {shipped.front.output}")
    _require_variables(shipped, other)
    _require_fences(shipped, other)


def fits(shipped: PromptTemplate, other: PromptTemplate) -> bool:
    """Whether `require_fit` lets it pass."""
    try:
        require_fit(shipped, other)
    except PromptError:
        return False
    return True


def _require_variables(shipped: PromptTemplate, other: PromptTemplate) -> None:
    for name, spec in other.variables.items():
        line = _line_of(other, f"{name}:")
        if name not in shipped.variables:
            raise PromptError(other.source, line, f"no value is given for variable {name}")
        if spec != shipped.variables[name]:
            raise PromptError(other.source, line, f"variable {name} must be declared as shipped")
    for name, spec in shipped.variables.items():
        if spec.required and name not in other.variables:
            raise PromptError(other.source, 1, f"variable {name} is missing")


def _require_fences(shipped: PromptTemplate, other: PromptTemplate) -> None:
    roles = {(hole.name, role) for role, hole, _ in _fenced(shipped)}
    for role, hole, alone in _fenced(other):
        if (hole.name, role) not in roles:
            raise PromptError(hole.source, hole.line, f"${hole.name} does not belong in {role}")
        if not alone:
            raise PromptError(hole.source, hole.line, f"${hole.name} needs a line of its own")


def _fenced(template: PromptTemplate) -> Iterator[tuple[str, Hole, bool]]:
    """Role, place and whether it stands alone on its line, of every fenced variable."""
    for section in template.sections:
        for index, part in enumerate(section.parts):
            if isinstance(part, Hole) and template.variables[part.name].fenced:
                yield section.role, part, _alone(section, index)


def _alone(section: Section, index: int) -> bool:
    before = section.parts[index - 1] if index else "\n"
    after = section.parts[index + 1] if index + 1 < len(section.parts) else "\n"
    sides = isinstance(before, str) and isinstance(after, str)
    return sides and str(before).endswith("\n") and str(after).startswith("\n")


def _line_of(template: PromptTemplate, start: str) -> int:
    """Line of the first line of the file that begins with this, blanks aside; else 1."""
    lines = template.text.split("\n")
    return next((n for n, line in enumerate(lines, 1) if line.strip().startswith(start)), 1)
