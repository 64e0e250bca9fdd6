"""The JSON a composing model must answer with."""

from __future__ import annotations

from service.domain.draft import DraftContext, DraftKind, RefusalKind

NAME = "composition"

MOST_CITED = 2
"""Clauses a reply rests on; models shown five tend to cite five."""


def composition_schema(context: DraftContext) -> dict[str, object]:
    """Only clauses of this context can be cited: their ids are the enumeration."""
    ids = [passage.clause_id for passage in context.passages]
    most = MOST_CITED if context.kind is DraftKind.REPLY else len(ids)
    return _schema(_citations(ids, most))


def fixed_schema() -> dict[str, object]:
    """The same for every context; clauses that were not shown are dropped when it is read."""
    return _schema({"type": "array", "items": {"type": "string"}})


def _schema(citations: dict[str, object]) -> dict[str, object]:
    refusals: list[str | None] = [kind.value for kind in RefusalKind]
    return {
        "type": "object",
        "properties": {
            "citations": citations,
            "text": {"type": "string"},
            "refusal": {"type": ["string", "null"], "enum": [*refusals, None]},
            "refusal_reason": {"type": "string"},
        },
        "required": ["citations", "text", "refusal", "refusal_reason"],
        "additionalProperties": False,
    }


def _citations(ids: list[str], most: int) -> dict[str, object]:
    if not ids:
        return {"type": "array", "items": {"type": "string"}, "maxItems": 0}
    items = {"type": "string", "enum": ids}
    return {"type": "array", "items": items, "maxItems": min(most, len(ids))}
