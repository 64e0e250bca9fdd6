"""Posts without a model: title, points and facts laid out as they were given."""

from __future__ import annotations

from service.domain.base import Lang
from service.domain.draft import Composition, DraftContext, Origin
from service.drafting.render import points

_FACTS = {Lang.ZH: "相关数据：", Lang.EN: "The figures:"}
_COLON = {Lang.ZH: "：", Lang.EN: ": "}


def template_post(context: DraftContext, *, degraded_because: str | None = None) -> Composition:
    """Only what the editor and the database gave; nothing is added."""
    blocks = [context.parameters["title"], "\n".join(f"· {line}" for line in points(context))]
    if context.facts:
        colon = _COLON[context.lang]
        lines = [f"· {fact.label}{colon}{fact.value}" for fact in context.facts]
        blocks.append("\n".join((_FACTS[context.lang], *lines)))
    return Composition(
        text="\n\n".join(blocks),
        citations=(),
        refusal=None,
        refusal_reason="",
        origin=Origin.TEMPLATE,
        model=None,
        degraded_because=degraded_because,
    )
