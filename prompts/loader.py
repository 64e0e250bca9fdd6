"""Template files become prompts: `load_prompts()` reads and checks them all.

One template per file, `prompts/<kind>/<name>.<lang>.md`: YAML front matter, then sections that
begin with `--- system` or `--- user`. A line `--- include <name>.<lang>` is replaced by the body
of `prompts/partials/<name>.<lang>.md`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from prompts import front_matter
from prompts.errors import PromptError
from prompts.front_matter import FrontMatter
from prompts.library import Picked
from prompts.template import Hole, PromptTemplate, Section, cut

KINDS = ("reply", "post", "classify", "theme", "judge")
_PARTIALS = "partials"
_INCLUDE = re.compile(r"^---[ \t]*include (\S+)[ \t]*$", re.MULTILINE)
_SECTION = re.compile(r"^---[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_ROLES = ("system", "user")


class Partial(NamedTuple):
    """A piece of text that several templates share: the whole file, and its body cut."""

    text: str
    parts: tuple[str | Hole, ...]


class Prompts:
    """All templates of one folder, by id; a library in which nothing was ever changed.

    `partials` are the files templates may include, by name.
    """

    def __init__(
        self, templates: Mapping[str, PromptTemplate], partials: Mapping[str, str] | None = None
    ) -> None:
        self._templates, self.partials = dict(templates), dict(partials or {})

    def __iter__(self) -> Iterator[PromptTemplate]:
        return iter(self._templates.values())

    def __len__(self) -> int:
        return len(self._templates)

    def get(self, template_id: str) -> PromptTemplate:
        """The template with this id (`reply/grounded.zh`).

        Raises:
            KeyError: there is none.
        """
        return self._templates[template_id]

    def pick(
        self,
        template_id: str,
        community: str | None = None,  # noqa: ARG002 - a file is for everybody
        case: str | None = None,  # noqa: ARG002
    ) -> Picked:
        """See `prompts.library.Library`: the file, for every community and case."""
        template = self.get(template_id)
        return Picked(template, template.version)

    def known(self, template_id: str, digest: str) -> PromptTemplate | None:
        """See `prompts.library.Library`."""
        template = self._templates.get(template_id)
        return template if template is not None and template.hash == digest else None


def load_prompts(directory: Traversable | None = None) -> Prompts:
    """Read every template below `directory` (the bundled ones by default).

    Raises:
        PromptError: a file is wrong; the message names it and the line.
    """
    root = files("prompts") if directory is None else directory
    texts = {name.removesuffix(".md"): text for name, text in _files(root, _PARTIALS)}
    partials = _read_partials(texts)
    found = {}
    for kind in KINDS:
        for name, text in _files(root, kind):
            template = parse_template(f"{kind}/{name}", text, partials)
            found[template.id] = template
    return Prompts(found, texts)


def template_from_text(template_id: str, text: str, partials: Mapping[str, str]) -> PromptTemplate:
    """Check a text that comes from elsewhere than a file, by the same rules.

    Args:
        partials: the whole text of every partial that may be included, by name.

    Raises:
        PromptError: the message names the file it would be, and the line.
    """
    return parse_template(f"{template_id}.md", text, _read_partials(partials))


def parse_template(source: str, text: str, partials: Mapping[str, Partial]) -> PromptTemplate:
    """Check one file's text. `source` is its path below `prompts/`.

    Raises:
        PromptError: see `load_prompts`.
    """
    head, body, first_line = front_matter.split(source, text)
    front = front_matter.parse(source, head)
    _check_place(source, front)
    sections = _sections(source, body, first_line, partials)
    _check_variables(source, front, sections)
    names = _INCLUDE.findall(body)
    digest = hashlib.sha256("\0".join([text, *(partials[n].text for n in names)]).encode())
    used = {name: partials[name].text for name in names}
    return PromptTemplate(source, front, digest.hexdigest(), sections, text, used)


def _files(root: Traversable, folder: str) -> Iterator[tuple[str, str]]:
    place = root / folder
    if not place.is_dir():
        return
    for entry in sorted(place.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".md"):
            yield entry.name, entry.read_text(encoding="utf-8")


def _read_partials(texts: Mapping[str, str]) -> dict[str, Partial]:
    return {name: _read_partial(f"{name}.md", text) for name, text in texts.items()}


def _read_partial(file_name: str, text: str) -> Partial:
    source = f"{_PARTIALS}/{file_name}"
    head, body, first_line = front_matter.split(source, text)
    front = front_matter.parse(source, head)
    if front.kind != "partial" or front.variables:
        raise PromptError(source, 1, "a partial has kind 'partial' and no variables of its own")
    if match := _SECTION.search(body):
        line = first_line + body.count("\n", 0, match.start())
        raise PromptError(source, line, "a partial holds neither sections nor includes")
    return Partial(text, cut(source, body.rstrip("\n"), first_line))


def _check_place(source: str, front: FrontMatter) -> None:
    expected = source.removesuffix(".md")
    if front.id != expected:
        raise PromptError(source, 2, f"id is {front.id}, but the file's place says {expected}")
    if not front.id.startswith(f"{front.kind}/") or not front.id.endswith(f".{front.lang}"):
        raise PromptError(source, 2, "kind and lang must agree with the file's place")


def _sections(
    source: str, body: str, first_line: int, partials: Mapping[str, Partial]
) -> tuple[Section, ...]:
    found: list[Section] = []
    for line, mark, text in _blocks(body, first_line):
        if mark.startswith("include ") and found:
            last = found.pop()
            parts = *_partial(source, line, mark, partials), *cut(source, text, line)
            found.append(Section(last.role, last.parts + parts))
        elif mark in _ROLES:
            found.append(Section(mark, cut(source, text.removeprefix("\n"), line + 1)))
        elif mark or text.strip():
            raise PromptError(source, line, "expected '--- system', '--- user' or an include")
    if not found:
        raise PromptError(source, first_line, "there is no '--- system' or '--- user' section")
    return tuple(_trim(section) for section in found)


def _blocks(body: str, first_line: int) -> Iterator[tuple[int, str, str]]:
    """Line, mark and text of each piece; the text before the first mark has an empty mark."""
    marks = list(_SECTION.finditer(body))
    starts = [mark.start() for mark in marks]
    yield first_line, "", body[: starts[0]] if starts else body
    for mark, end in zip(marks, [*starts[1:], len(body)], strict=True):
        yield first_line + body.count("\n", 0, mark.start()), mark[1], body[mark.end() : end]


def _partial(
    source: str, line: int, mark: str, partials: Mapping[str, Partial]
) -> tuple[str | Hole, ...]:
    name = mark.removeprefix("include ").strip()
    if name not in partials:
        raise PromptError(source, line, f"no such partial: {name}")
    return partials[name].parts


def _trim(section: Section) -> Section:
    """Without the blank lines that only separate sections in the file."""
    parts = section.parts
    if parts and isinstance(parts[-1], str):
        parts = (*parts[:-1], parts[-1].rstrip("\n"))
    return Section(section.role, parts)


def _check_variables(source: str, front: FrontMatter, sections: tuple[Section, ...]) -> None:
    holes = [part for section in sections for part in section.parts if isinstance(part, Hole)]
    for hole in holes:
        if hole.name not in front.variables:
            raise PromptError(hole.source, hole.line, f"variable ${hole.name} is not declared")
    for name in front.variables:
        if all(hole.name != name for hole in holes):
            raise PromptError(source, 1, f"variable {name} is declared but never used")
