"""What the text leans on must be in the context."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.compose import CITATION_DROPPED

_CLAUSE = re.compile(
    r"(?:第\s*|条款\s*|》\s*|[Cc]lause\s+|[Ss]ection\s+|[Rr]ule\s+|§\s*)(\d+(?:\.\d+)+)"
    r"|(?<![\d.])(\d+(?:\.\d+)+)\s*条"
)


def check_citations(given: Checked) -> Iterator[Finding]:
    """Cited ids exist in the context; an answer that needs a rule cites one."""
    known = {passage.clause_id for passage in given.context.passages}
    for citation in given.composition.citations:
        if citation.clause_id not in known:
            yield finding("citation_unknown", Severity.BLOCKING, detail=citation.clause_id)
    if given.composition.degraded_because == CITATION_DROPPED:
        yield finding("citation_dropped", Severity.WARNING)
    if _must_cite(given) and not given.composition.citations:
        yield finding("uncited", Severity.WARNING)


def check_clause_numbers(given: Checked) -> Iterator[Finding]:
    """A clause number named in the text belongs to a clause that was shown."""
    for match in _CLAUSE.finditer(given.text):
        number = match[1] or match[2]
        if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)", given.ground):
            group = 1 if match[1] else 2
            yield finding(
                "clause_unknown", Severity.BLOCKING, detail=number, span=match.span(group)
            )


def _must_cite(given: Checked) -> bool:
    reply = given.context.kind is DraftKind.REPLY
    answered = given.composition.refusal is None
    return reply and answered and given.context.parameters["needs_rule"] == "yes"
