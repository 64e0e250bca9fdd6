"""Facts as a model sees them, and their marks taken out of what it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.domain.draft import Fact


def fact_lines(facts: Sequence[Fact]) -> str:
    """A line each, with its id; the member's words it is about on the next."""
    return "\n".join(map(_line, facts))


def without_marks(text: str, facts: Sequence[Fact]) -> str:
    """The text without ids in brackets: models copy them, readers must not see them."""
    if not facts:
        return text
    ids = "|".join(sorted((re.escape(fact.id) for fact in facts), key=len, reverse=True))
    return re.sub(rf"[ \t]*[\[(（【](?:{ids})[\])）】]", "", text)


def _line(fact: Fact) -> str:
    line = f"- [{fact.id}] {fact.label}: {fact.value}"
    return f"{line}\n  > {fact.quote}" if fact.quote else line
