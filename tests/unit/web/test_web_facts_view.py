"""Facts on pages: a count and its change in one row, numbers of a text with their facts."""

from __future__ import annotations

from service.domain.base import Lang
from service.domain.draft import Fact, HypothesisVerdict, NumberLink
from service.drafting.facts.sheet import Counted, Sheet
from service.drafting.facts.words import load_words
from service.web.facts_view import (
    HEAD,
    causes_of,
    fact_groups,
    fact_rows,
    marked,
    without_spreads,
)


def facts() -> tuple[Fact, ...]:
    sheet = Sheet("activity", load_words(), Lang.EN, source="test", floor=3)
    sheet.count("messages", Counted(6), "messages", before=Counted(4), link="/trends")
    sheet.share("participation", 1, 2)
    return sheet.facts


def test_changes_stand_beside_their_count() -> None:
    (group,) = fact_groups(facts())
    messages, share = group.rows
    assert group.name == "activity"
    assert messages.change is not None
    assert messages.change.value == "+2 messages"
    assert messages.pair == (4, 6)
    assert share.pair is None


def test_numbers_are_told_once_with_their_fact() -> None:
    text = "6 messages, again 6"
    links = [
        NumberLink(start=0, end=1, fact="activity.messages"),
        NumberLink(start=18, end=19, fact="activity.messages"),
        NumberLink(start=18, end=19, fact="gone"),
    ]
    assert [(one.text, one.fact.link) for one in marked(text, links, facts())] == [("6", "/trends")]


def test_an_export_has_a_row_a_fact() -> None:
    verdict = facts()[0].model_copy(
        update={"verdict": HypothesisVerdict.UNTESTED, "evidence": ("a", "b")}
    )
    (row,) = fact_rows([verdict])
    assert dict(zip(HEAD, row, strict=True)) | {"source": ""} == {
        "id": "activity.messages",
        "label": "Messages",
        "value": "6 messages",
        "number": 6.0,
        "verdict": "untested",
        "evidence": "a b",
        "source": "",
        "link": "/trends",
        "quote": "",
    }


def test_causes_stand_beside_what_earlier_events_had() -> None:
    def fact(name: str, **more: object) -> Fact:
        return Fact(id=name, label=name, value="1", source="test", **more)

    spread = tuple(f"comparables.reach.{what}" for what in ("median", "low", "high"))
    cause = fact(
        "hypotheses.reach",
        verdict=HypothesisVerdict.SUPPORTED,
        evidence=("event_funnel.reach.measure", *spread),
    )
    own, events = fact("event_funnel.reach.measure"), fact("comparables.events")
    found = (own, events, *map(fact, spread), cause)
    (shown,) = causes_of(found)
    assert (shown.own, shown.median) == (own, found[2])
    assert without_spreads(found) == (own, events, cause)
    assert [group.name for group in fact_groups(found)] == ["event_funnel", "comparables"]
