"""A clause that may not answer the question is looked at before it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.draft import DraftKind, Finding, Origin, Severity
from service.drafting.checks.checked import Checked, finding

SURE = 0.95
"""Confidence of the search from which a reply may rest on its clauses without a second look. Of the
golden questions above it the first two clauses hold the answer to nine of ten, of those below to
every second."""

_WRITERS = frozenset({Origin.MODEL, Origin.TEMPLATE})


def check_fit(given: Checked) -> Iterator[Finding]:
    """Blocks a reply that rests on clauses nobody chose and the search is not sure of."""
    context, said = given.context, given.composition
    if context.kind is DraftKind.REPLY and said.origin in _WRITERS and said.citations:
        sure = context.retrieval_confidence
        if sure < SURE:
            yield finding("rule_doubtful", Severity.BLOCKING, detail=f"{sure:.0%}")
