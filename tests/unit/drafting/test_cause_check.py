"""A guess about an event is not told as a fact."""

from __future__ import annotations

import pytest

from service.domain.base import Lang
from service.domain.draft import Fact, Finding, HypothesisVerdict, Severity
from service.drafting.checks import Checked
from service.drafting.checks.causes import check_causes
from service.drafting.facts.hypotheses import Measure
from service.drafting.facts.words import load_words
from tests.unit.drafting import drafting_samples as make
from tests.unit.drafting.test_number_check import context

WORDS = load_words()


def cause(measure: Measure, verdict: HypothesisVerdict, lang: Lang = Lang.ZH) -> Fact:
    return Fact(
        id=f"hypotheses.{measure}",
        label=WORDS.label("hypotheses", measure.value, lang),
        value=WORDS.label("verdicts", verdict.value, lang),
        source="test",
        verdict=verdict,
    )


def findings(text: str, *facts: Fact) -> list[Finding]:
    given = Checked(context(facts), make.written(text), ground="", system="")
    return list(check_causes(given))


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (Measure.LEAD_TIME, "这次人少是因为公告发得太晚。"),
        (Measure.SHOW_UP, "报名后爽约的人多，导致现场冷清。"),
        (Measure.COMPLAINTS, "由于近期投诉较多，大家不愿参加。"),
        (Measure.CLASH, "The low turnout was due to a clash with the release."),
        (Measure.REACH, "Fewer came because the post had little reach."),
        (Measure.LEAD_TIME, "公告发得太晚。"),
    ],
)
def test_an_untested_cause_told_as_a_fact_blocks(measure: Measure, text: str) -> None:
    found = findings(text, cause(measure, HypothesisVerdict.UNTESTED))
    assert [(one.check, one.severity) for one in found] == [("untested_cause", Severity.BLOCKING)]
    assert found[0].start == 0


@pytest.mark.parametrize(
    "text",
    [
        "人少可能是因为公告发得太晚，目前没有数据。",
        "公告发得太晚：没有数据，未验证",
        "推测：人少是因为公告发得太晚。",
        "Our guess: fewer came because of the short notice.",
        "It may be due to the short notice; this is untested.",
        "本次活动 7 点开始，欢迎下次再来。",
    ],
)
def test_a_guess_marked_as_one_passes(text: str) -> None:
    assert findings(text, cause(Measure.LEAD_TIME, HypothesisVerdict.UNTESTED)) == []


def test_what_the_data_speak_against_is_named_so() -> None:
    text = "参与率低是因为氛围差。"
    (found,) = findings(text, cause(Measure.NEGATIVE, HypothesisVerdict.CONTRADICTED))
    assert found.check == "contradicted_cause"
    assert findings(text, cause(Measure.NEGATIVE, HypothesisVerdict.SUPPORTED)) == []


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("verdict", list(HypothesisVerdict))
def test_the_table_itself_passes(verdict: HypothesisVerdict, lang: Lang) -> None:
    facts = [cause(measure, verdict, lang) for measure in Measure]
    text = "\n".join(f"· {fact.label}: {fact.value}" for fact in facts)
    assert findings(text, *facts) == []
