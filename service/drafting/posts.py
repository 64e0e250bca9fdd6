"""Posts without a model: what was given, laid out by the kind's outline. Nothing is added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from service.domain.base import Lang
from service.domain.draft import Citation, Composition, ContextPassage, DraftContext, Origin
from service.domain.post import BriefValue
from service.domain.post_kind import ChannelFormat, FieldType, PostKind, Section
from service.drafting.facts.prompt import plain_lines
from service.drafting.fallback import excerpt
from service.drafting.phrases import Phrases
from service.drafting.render import points

_COLON = {Lang.ZH: "：", Lang.EN: ": "}
_HEADING = {Lang.ZH: "【{}】", Lang.EN: "{}:"}
_PROSE = (FieldType.TEXT, FieldType.LINES, FieldType.FEED)

CHAT_FACTS = 6
"""Figures in a chat message; the rest is for longer forms."""

QUOTED = 2
"""Clauses quoted at most."""


class Laid(NamedTuple):
    """A section's lines under its heading, and the clauses among them."""

    text: str
    quoted: tuple[ContextPassage, ...]


def template_post(
    context: DraftContext,
    kind: PostKind | None,
    phrases: Phrases,
    *,
    degraded_because: str | None = None,
) -> Composition:
    """Only what the editor, the rules and the database gave, under the kind's own headings.

    A kind that is gone gives points and facts.
    """
    outline = kind.outline if kind else (Section(of=("points",)), Section(of=("facts",)))
    laid = [one for section in outline if (one := _section(context, section, phrases))]
    blocks = (context.parameters["title"], *_framed(context, kind, [one.text for one in laid]))
    quoted = [passage for one in laid for passage in one.quoted]
    return Composition(
        text="\n\n".join(block for block in blocks if block),
        citations=tuple(Citation(clause_id=p.clause_id, version=p.version) for p in quoted),
        refusal=None,
        refusal_reason="",
        origin=Origin.TEMPLATE,
        model=None,
        degraded_because=degraded_because,
    )


def _framed(context: DraftContext, kind: PostKind | None, blocks: list[str]) -> Iterator[str]:
    """Opening and closing words; a letter also has a greeting and a name under it."""
    lang, mail = context.lang, _format(context) is ChannelFormat.MAIL
    if mail and kind:
        yield kind.greeting.get(lang)
    yield kind.opening.get(lang) if kind else ""
    yield from blocks
    yield kind.closing.get(lang) if kind else ""
    if mail:
        yield context.parameters["community_name"]


def _section(context: DraftContext, section: Section, phrases: Phrases) -> Laid | None:
    found = [(name, lines) for name in section.of if (lines := _lines(context, name, phrases))]
    if not found:
        return None
    heading = section.heading.get(context.lang)
    alone = len(section.of) == 1
    lines = [
        line
        for name, given in found
        for line in (
            given if alone and _clear(context, name, heading) else _told(context, name, given)
        )
    ]
    quoted = _quoted(context) if "rules" in section.of else ()
    return Laid("\n".join(_headed(context, heading, lines)), quoted)


def _headed(context: DraftContext, heading: str, lines: list[str]) -> list[str]:
    """In a chat message a single line stands behind its heading."""
    if not heading:
        return lines
    if _format(context) is ChannelFormat.CHAT and len(lines) == 1:
        return [f"{heading}{_COLON[context.lang]}{lines[0].removeprefix('· ')}"]
    return [_HEADING[context.lang].format(heading), *lines]


def _clear(context: DraftContext, name: str, heading: str) -> bool:
    """Whether a value that stands alone needs no label: under a heading, or in sentences."""
    value = _value(context, name)
    return bool(heading) or value is None or value.type in _PROSE


def _told(context: DraftContext, name: str, lines: list[str]) -> list[str]:
    """A value beside others says what it is."""
    value = _value(context, name)
    if value is None:
        return lines
    label = f"{value.label}{_COLON[context.lang]}"
    if value.type in _PROSE:
        return [label.rstrip(), *lines]
    return [f"{label}{lines[0]}"]


def _lines(context: DraftContext, name: str, phrases: Phrases) -> list[str]:
    if name == "points":
        return [f"· {line}" for line in points(context)]
    if name == "facts":
        return _facts(context)
    if name == "rules":
        return [_clause(passage, context.lang, phrases) for passage in _quoted(context)]
    value = _value(context, name)
    if value is None:
        return []
    if value.type is FieldType.LINES:
        return [f"· {line}" for line in value.shown.split("\n")]
    return value.shown.split("\n")


def _facts(context: DraftContext) -> list[str]:
    """A line each; a period that is told already is not repeated."""
    told = _value(context, "period") is not None
    facts = [fact for fact in context.facts if not (told and fact.group == "period")]
    lines = [f"· {line}" for line in plain_lines(facts, context.lang)]
    return lines[:CHAT_FACTS] if _format(context) is ChannelFormat.CHAT else lines


def _quoted(context: DraftContext) -> tuple[ContextPassage, ...]:
    most = 1 if _format(context) is ChannelFormat.CHAT else QUOTED
    return context.passages[:most]


def _clause(passage: ContextPassage, lang: Lang, phrases: Phrases) -> str:
    title = passage.document_title.strip("《》 ")
    named = f"《{title}》{passage.number}" if lang is Lang.ZH else f"“{title}” {passage.number}"
    quote = excerpt(passage.text.strip(), phrases.get(lang).excerpt)
    return f"{named.strip()}{_COLON[lang]}“{quote}”"


def _value(context: DraftContext, name: str) -> BriefValue | None:
    return next((value for value in context.inputs if value.name == name), None)


def _format(context: DraftContext) -> ChannelFormat:
    return ChannelFormat(context.parameters.get("format", ChannelFormat.LONG))
