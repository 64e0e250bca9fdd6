"""A frozen context becomes the exact prompt the model sees."""

from __future__ import annotations

from collections.abc import Sequence

from prompts.errors import PromptError
from prompts.library import Library
from prompts.template import PromptTemplate
from service.domain.base import Lang
from service.domain.draft import ContextPassage, DraftContext, DraftKind, TemplateRef
from service.domain.llm import ChatMessage
from service.domain.post import BriefValue
from service.drafting.facts.prompt import fact_lines
from service.errors import Conflict, NotFound

_NONE = {Lang.ZH: "（无）", Lang.EN: "(none)"}
_WHO = {
    Lang.ZH: {True: "这位成员：", False: "其他人："},
    Lang.EN: {True: "This member: ", False: "Someone else: "},
}
_ANSWERED = {Lang.ZH: ("问：", "答："), Lang.EN: ("Question: ", "Reply: ")}
_FORMS = {
    Lang.ZH: {"chat": "群聊短消息", "long": "长帖", "mail": "邮件"},
    Lang.EN: {"chat": "chat message", "long": "long post", "mail": "e-mail"},
}
"""What the prompts call each `ChannelFormat`; a partial says how each is written."""


def template_ref(
    prompts: Library, template_id: str, community: str | None, case: str | None
) -> TemplateRef:
    """The version of a template to use for this community and case.

    Raises:
        NotFound: there is none.
    """
    try:
        template, version = prompts.pick(template_id, community, case)
    except KeyError as error:
        raise NotFound(f"There is no prompt template {template_id}.") from error
    return TemplateRef(id=template.id, version=version, hash=template.hash)


def render(prompts: Library, context: DraftContext) -> tuple[ChatMessage, ...]:
    """Byte for byte the same for the same stored context, whatever is in production by now.

    Raises:
        Conflict: the text the context was frozen with is gone, or wants what is no longer given.
    """
    template = _same_template(prompts, context.template)
    values = _reply_values(context) if context.kind is DraftKind.REPLY else _post_values(context)
    wanted = {name: value for name, value in values.items() if name in template.variables}
    try:
        turns = template.render(**wanted)
    except PromptError as error:
        raise Conflict(f"This prompt cannot be rendered any more: {error}") from error
    return tuple(ChatMessage(role=turn.role, content=turn.content) for turn in turns)


def _same_template(prompts: Library, ref: TemplateRef) -> PromptTemplate:
    template = prompts.known(ref.id, ref.hash)
    if template is None:
        raise Conflict("The text of this prompt version is not kept any more.")
    return template


def _reply_values(context: DraftContext) -> dict[str, str | int]:
    return (
        _shared_values(context)
        | {
            "category": context.category or _NONE[context.lang],
            "member_text": context.member_text.text,
        }
        | _background_values(context)
    )


def _background_values(context: DraftContext) -> dict[str, str]:
    """Only what there is: an optional variable without a value leaves no fence."""
    background, who = context.background, _WHO[context.lang]
    values = {}
    if background.thread:
        values["thread"] = "\n".join(f"{who[one.own]}{one.text.text}" for one in background.thread)
    if one := background.approved:
        question, reply = _ANSWERED[context.lang]
        values["approved_reply"] = f"{question}{one.question.text}\n{reply}{one.text.text}"
    return values


def _post_values(context: DraftContext) -> dict[str, str | int]:
    facts = fact_lines(context.facts, context.lang)
    none, given = _NONE[context.lang], context.parameters
    return _shared_values(context) | {
        "title": given["title"],
        "points": "\n".join(f"- {line}" for line in points(context)) or none,
        "inputs": "\n".join(map(_input, context.inputs)) or none,
        "facts": facts or none,
        "audience": given["audience"] or none,
        "channel": given["channel"] or none,
        "form": _FORMS[context.lang][given.get("format", "long")],
        "manner": given.get("manner", none),
    }


def _input(value: BriefValue) -> str:
    """One line, or its label above its lines."""
    gap = "\n" if "\n" in value.shown else " "
    return f"{value.label}:{gap}{value.shown}"


def points(context: DraftContext) -> list[str]:
    """A post's points, one each, without empty lines."""
    return [line.strip() for line in context.member_text.text.splitlines() if line.strip()]


def _shared_values(context: DraftContext) -> dict[str, str | int]:
    none = _NONE[context.lang]
    return {
        "community": context.parameters["community_name"],
        "tone": context.tone or none,
        "instruction": context.instruction or none,
        "max_chars": int(context.parameters["max_chars"]),
        "passages": "\n\n".join(map(_passage, _offered(context))) or none,
    }


def _offered(context: DraftContext) -> Sequence[ContextPassage]:
    """Clauses the writer sees. A post that is to tell its brief alone is checked against clauses,
    and gets none to fill itself up with."""
    return () if context.parameters.get("clauses") == "no" else context.passages


def sources_text(context: DraftContext) -> str:
    """Everything a draft may repeat as true, for a reader of drafts: clauses with title and number,
    facts, a post's title and points, a reviewer's instruction."""
    blocks = [_passage(passage) for passage in context.passages]
    blocks += [f"- {fact.label}: {fact.value}" for fact in context.facts]
    if context.kind is DraftKind.POST:
        blocks += [context.parameters["title"], *points(context), *map(_input, context.inputs)]
    return "\n\n".join(filter(None, (*blocks, context.instruction)))


def _passage(passage: ContextPassage) -> str:
    """The id in brackets, then title and number as a reply should name them, then the clause."""
    title = passage.document_title.strip("《》")
    named = f"《{title}》" if passage.lang == Lang.ZH.value else f"“{title}”"
    place = " / ".join(heading for heading in passage.headings if heading != title)
    head = " ".join(
        part for part in (f"[{passage.clause_id}]", f"{named} {passage.number}", place) if part
    )
    return f"{head}\n{passage.text}"
