"""Facts as pages and exports show them: changes beside the count they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from service.domain.draft import Fact, NumberLink
from service.drafting.facts.families import Family, families

HEAD = ("id", "label", "value", "number", "verdict", "evidence", "source", "link", "quote")
"""Columns of an export."""


class FactRow(Family):
    """A fact with its fellows of the period before."""

    @property
    def pair(self) -> tuple[float, float] | None:
        """The period before and this one, for a small chart."""
        if self.before is None or self.before.number is None or self.fact.number is None:
            return None
        return self.before.number, self.fact.number


class FactGroup(NamedTuple):
    """Facts that were asked for together."""

    name: str
    rows: tuple[FactRow, ...]


class Cause(NamedTuple):
    """A possible cause, what the event had and what earlier ones had."""

    fact: Fact
    own: Fact | None
    median: Fact | None
    low: Fact | None
    high: Fact | None


class Marked(NamedTuple):
    """A number as it stands in a text, and the fact it is."""

    text: str
    fact: Fact


def fact_groups(facts: Sequence[Fact]) -> tuple[FactGroup, ...]:
    """Groups in the order they come; possible causes have a table of their own."""
    rows: dict[str, list[FactRow]] = {}
    for one in families(facts):
        if one.fact.verdict is None:
            rows.setdefault(one.fact.group, []).append(FactRow(*one))
    return tuple(FactGroup(name, tuple(found)) for name, found in rows.items())


def without_spreads(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts without those of earlier events that the table of causes shows."""
    shown = {one for fact in facts for one in fact.evidence if one.startswith("comparables.")}
    return tuple(fact for fact in facts if fact.id not in shown)


def causes_of(facts: Sequence[Fact]) -> tuple[Cause, ...]:
    """The possible causes with the facts they rest on."""
    known = {fact.id: fact for fact in facts}
    return tuple(_cause(fact, known) for fact in facts if fact.verdict is not None)


def marked(text: str, links: Sequence[NumberLink], facts: Sequence[Fact]) -> tuple[Marked, ...]:
    """The numbers of a text with their facts, in order, each pair once."""
    known = {fact.id: fact for fact in facts}
    found = (
        Marked(text[one.start : one.end], known[one.fact]) for one in links if one.fact in known
    )
    return tuple(dict.fromkeys(found))


def fact_rows(facts: Sequence[Fact]) -> Iterator[tuple[object, ...]]:
    """Rows of an export, in the order of `HEAD`."""
    for fact in facts:
        values = fact.model_dump(mode="json") | {"evidence": " ".join(fact.evidence)}
        yield tuple(values[name] for name in HEAD)


def _cause(fact: Fact, known: Mapping[str, Fact]) -> Cause:
    key = fact.id.partition(".")[2]
    spread = [known.get(f"comparables.{key}.{what}") for what in ("median", "low", "high")]
    return Cause(fact, known.get(f"event_funnel.{key}.measure"), *spread)
