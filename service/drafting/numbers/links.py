"""Numbers of a text, each with the fact it is."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.draft import Fact, NumberLink
from service.drafting.numbers.accounts import accounts


def number_links(text: str, facts: Sequence[Fact]) -> tuple[NumberLink, ...]:
    """Those that are facts, in order; the rest is for the check."""
    if not facts:
        return ()
    return tuple(
        NumberLink(start=one.figure.start, end=one.figure.end, fact=one.fact.id)
        for one in accounts(text, facts, "")
        if one.fact and not one.wrong
    )
