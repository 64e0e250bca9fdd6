"""A frozen context becomes the exact prompt the model sees."""

from __future__ import annotations

from prompts.loader import Prompts
from prompts.template import PromptTemplate
from service.domain.base import Lang
from service.domain.draft import ContextPassage, DraftContext, DraftKind, TemplateRef
from service.domain.llm import ChatMessage
from service.errors import Conflict, NotFound

_NONE = {Lang.ZH: "（无）", Lang.EN: "(none)"}


def template_ref(prompts: Prompts, kind: str, name: str, lang: Lang) -> TemplateRef:
    """The template for this kind, name and language.

    Raises:
        NotFound: there is none.
    """
    template_id = f"{kind}/{name}.{lang.value}"
    try:
        template = prompts.get(template_id)
    except KeyError as error:
        raise NotFound(f"There is no prompt template {template_id}.") from error
    return TemplateRef(id=template.id, version=template.version, hash=template.hash)


def render(prompts: Prompts, context: DraftContext) -> tuple[ChatMessage, ...]:
    """Byte for byte the same for the same stored context.

    Raises:
        Conflict: the template's text is no longer the one the context was frozen with.
    """
    template = _same_template(prompts, context.template)
    values = _reply_values(context) if context.kind is DraftKind.REPLY else _post_values(context)
    return tuple(ChatMessage(role=m.role, content=m.content) for m in template.render(**values))


def _same_template(prompts: Prompts, ref: TemplateRef) -> PromptTemplate:
    try:
        template = prompts.get(ref.id)
    except KeyError:
        template = None
    if template is None or template.hash != ref.hash:
        raise Conflict("The prompt template changed since this draft's context was frozen.")
    return template


def _reply_values(context: DraftContext) -> dict[str, str | int]:
    return _shared_values(context) | {
        "category": context.category or _NONE[context.lang],
        "member_text": context.member_text.text,
    }


def _post_values(context: DraftContext) -> dict[str, str | int]:
    facts = "\n".join(f"- {fact.label}: {fact.value}" for fact in context.facts)
    none = _NONE[context.lang]
    return _shared_values(context) | {
        "title": context.parameters["title"],
        "points": "\n".join(f"- {line}" for line in points(context)),
        "facts": facts or none,
        "audience": context.parameters["audience"] or none,
        "channel": context.parameters["channel"] or none,
    }


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
        "passages": "\n\n".join(map(_passage, context.passages)) or none,
    }


def _passage(passage: ContextPassage) -> str:
    """The id in brackets, then title and number as a reply should name them, then the clause."""
    title = passage.document_title.strip("《》")
    named = f"《{title}》" if passage.lang == Lang.ZH.value else f"“{title}”"
    place = " / ".join(heading for heading in passage.headings if heading != title)
    head = " ".join(
        part for part in (f"[{passage.clause_id}]", f"{named} {passage.number}", place) if part
    )
    return f"{head}\n{passage.text}"
