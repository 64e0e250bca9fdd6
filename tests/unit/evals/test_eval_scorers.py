"""Each scorer on known cases; what cannot be judged is unscored, never zero."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evals.cases import (
    Answer,
    DraftAnswer,
    DraftExpect,
    Expect,
    RetrievalAnswer,
    RetrievalExpect,
    Sample,
    TriageAnswer,
    TriageExpect,
)
from evals.cases_written import DraftFinding
from evals.model import Score
from evals.registry import Answered, Registry
from evals.scorers.calibration import calibration
from evals.scorers.label_f1 import label_f1
from service.domain.base import Lang
from service.domain.draft import Origin, RefusalKind, Severity
from service.domain.triage import Label, Sentiment


def sample(expect: Expect, lang: Lang = Lang.ZH, number: int = 0) -> Sample:
    return Sample(id=f"s{number}", lang=lang, text="电话 13900001111", expect=expect)


def triage(*labels: str, guess: str = "chat", confidence: float = 0.8, **more: object) -> Answer:
    given = tuple(Label(category=name, confidence=confidence) for name in labels)
    fields = {
        "labels": given,
        "candidates": given or (Label(category=guess, confidence=confidence),),
        "abstained": not labels,
        "sentiment": Sentiment.NEUTRAL,
        "severity": 0,
        "reply_due": False,
        **more,
    }
    return TriageAnswer.model_validate(fields)


def draft(text: str = "您好，请看条款。", **more: object) -> Answer:
    fields = {
        "text": text,
        "cited": (),
        "context": ("r#1", "r#2"),
        "refusal": None,
        "origin": Origin.TEMPLATE,
        "degraded_because": None,
        "lang": Lang.ZH,
        "member_pii": (),
        "findings": (),
        **more,
    }
    return DraftAnswer.model_validate(fields)


def found(*clauses: str) -> Answer:
    return RetrievalAnswer(clauses=clauses, found=bool(clauses), confidence=0.7)


BUG = TriageExpect(categories=("bug_report",), sentiment=Sentiment.NEUTRAL, reply_due=False)
TWO = TriageExpect(categories=("bug_report", "complaint"))
NOISE = TriageExpect(abstain=True)
GRAVE = TriageExpect(min_severity=4)
RULE = RetrievalExpect(clauses=("r#1",))
NO_RULE = RetrievalExpect(no_answer=True)
CITE = DraftExpect(cite=("r#1",), must_say=("条款", "天"), must_not_say=("保证",))
REFUSE = DraftExpect(refusal=RefusalKind.NO_RULE)


@pytest.mark.parametrize(
    ("task", "scorer", "expect", "answer", "wanted"),
    [
        ("triage", "first_guess", BUG, triage("bug_report"), {"top1": 1, "accepted": 1}),
        ("triage", "first_guess", BUG, triage("praise"), {"top1": 0, "guess": 0, "coverage": 1}),
        ("triage", "first_guess", BUG, triage(guess="bug_report"), {"top1": 0, "guess": 1}),
        ("triage", "first_guess", BUG, triage(guess="bug_report"), {"accepted": None}),
        ("triage", "first_guess", TWO, triage("complaint"), {"top1": 1}),
        ("triage", "first_guess", GRAVE, triage("chat"), {"top1": None, "coverage": None}),
        ("triage", "abstention", NOISE, triage(), {"abstain_recall": 1, "abstain_precision": 1}),
        ("triage", "abstention", NOISE, triage("chat"), {"abstain_recall": 0}),
        ("triage", "abstention", BUG, triage(), {"abstain_precision": 0, "abstain_recall": None}),
        ("triage", "abstention", BUG, triage("chat"), {"abstain_precision": None}),
        ("triage", "abstention", GRAVE, triage(), {"abstain_precision": None}),
        ("triage", "sentiment", BUG, triage("chat"), {"sentiment": 1}),
        ("triage", "sentiment", NOISE, triage("chat"), {"sentiment": None}),
        ("triage", "severity", GRAVE, triage("chat", severity=3), {"severity_floor": 0}),
        ("triage", "severity", GRAVE, triage("chat", severity=4), {"severity_floor": 1}),
        ("triage", "severity", BUG, triage("chat", severity=3), {"false_alarm_free": 1, "calm": 0}),
        ("triage", "severity", BUG, triage("chat", severity=4), {"false_alarm_free": 0}),
        ("triage", "severity", BUG, triage("chat"), {"severity_floor": None}),
        ("triage", "reply_due", BUG, triage("chat", reply_due=True), {"reply_due": 0}),
        ("triage", "reply_due", TWO, triage("chat"), {"reply_due": None}),
        ("retrieval", "passages", RULE, found("r#1", "r#2"), {"hit1": 1, "hit5": 1}),
        ("retrieval", "passages", RULE, found("r#2", "r#1"), {"hit1": 0, "hit5": 1}),
        ("retrieval", "passages", NO_RULE, found("r#1"), {"hit1": None, "hit5": None}),
        ("retrieval", "no_answer", NO_RULE, found("r#1"), {"none_recall": 0}),
        ("retrieval", "no_answer", NO_RULE, found(), {"none_recall": 1, "none_precision": 1}),
        ("retrieval", "no_answer", RULE, found(), {"none_precision": 0, "none_recall": None}),
        ("draft", "citations", CITE, draft(cited=("r#1", "r#2")), {"cite_precision": 0.5}),
        ("draft", "citations", CITE, draft(cited=("r#9",)), {"cite_grounded": 0, "cite_recall": 0}),
        ("draft", "citations", CITE, draft(), {"cite_recall": 0, "cite_precision": None}),
        ("draft", "citations", REFUSE, draft(cited=("r#1",)), {"cite_precision": 0}),
        ("draft", "refusal", REFUSE, draft(), {"refusal_recall": 0, "answered_when_due": None}),
        (
            "draft",
            "refusal",
            REFUSE,
            draft(refusal=RefusalKind.NEEDS_HUMAN),
            {"refusal_recall": 1, "refusal_kind": 0},
        ),
        ("draft", "refusal", CITE, draft(refusal=RefusalKind.NO_RULE), {"answered_when_due": 0}),
        ("draft", "reply_language", CITE, draft(), {"reply_language": 1}),
        ("draft", "reply_language", CITE, draft("Sorry about that."), {"reply_language": 0}),
        (
            "draft",
            "reply_language",
            CITE,
            draft("见 “be kind to others”"),
            {"reply_language": 1},
        ),
        ("draft", "reply_language", CITE, draft(""), {"reply_language": None}),
        ("draft", "wording", CITE, draft("见条款，保证退款"), {"must_say": 0.5, "must_not_say": 0}),
        ("draft", "wording", REFUSE, draft(), {"must_say": None, "must_not_say": None}),
        ("draft", "pii_leak", CITE, draft("打 139", member_pii=("139",)), {"pii_kept": 0}),
        ("draft", "pii_leak", CITE, draft("好的", member_pii=("139",)), {"pii_kept": 1}),
        ("draft", "pii_leak", CITE, draft(), {"pii_kept": None}),
        (
            "draft",
            "blocking",
            CITE,
            draft(findings=(DraftFinding(check="pii", severity=Severity.BLOCKING),)),
            {"unblocked": 0},
        ),
        ("draft", "blocking", CITE, draft(), {"unblocked": 1}),
    ],
)
def test_a_scorer_on_a_known_case(
    found: Registry,
    task: str,
    scorer: str,
    expect: Expect,
    answer: Answer,
    wanted: dict[str, float | None],
) -> None:
    judge = found.case_scorers[task, scorer]  # type: ignore[index]
    scores = {s.metric: s for s in judge(Answered(sample(expect), answer))}
    for metric, value in wanted.items():
        assert scores[metric].value == value, metric
        assert (scores[metric].unscored is None) == (value is not None)


def test_a_score_is_a_value_or_a_reason() -> None:
    for fields in ({}, {"value": 1.0, "unscored": "why"}, {"value": 1.5}):
        with pytest.raises(ValidationError):
            Score.model_validate({"sample_id": "s", "metric": "m", **fields})


def test_a_scorer_of_another_task_refuses(found: Registry) -> None:
    with pytest.raises(TypeError):
        list(found.case_scorers["draft", "wording"](Answered(sample(BUG), triage("chat"))))


def test_macro_f1_weighs_categories_alike_and_counts_extra_labels() -> None:
    praise = TriageExpect(categories=("praise",))
    cases = [
        Answered(sample(BUG, Lang.ZH), triage("bug_report")),
        Answered(sample(BUG, Lang.ZH), triage("bug_report")),
        Answered(sample(praise, Lang.EN), triage("bug_report")),
        Answered(sample(NOISE, Lang.EN), triage("bug_report")),
        Answered(sample(GRAVE, Lang.EN), triage("bug_report")),
    ]
    figures = {f.slice: f for f in label_f1(cases)}
    assert figures["category:bug_report"].value == pytest.approx(2 * 2 / (2 * 2 + 2))
    assert figures["category:praise"].value == 0
    assert figures["all"].value == pytest.approx((4 / 6 + 0) / 2)
    assert figures["all"].n == 4, "a case that says nothing of labels is left out"
    assert figures["lang:zh"].value == 1


def test_calibration_error_is_the_distance_of_confidence_from_accuracy() -> None:
    right = Answered(sample(BUG), triage("bug_report", confidence=0.85))
    wrong = Answered(sample(BUG), triage("praise", confidence=0.85))
    figures = {f.slice: f for f in calibration([right, wrong]) if f.metric == "ece"}
    assert figures["all"].value == pytest.approx(0.35)
    assert figures["lang:en"].value is None, "no English case: unscored, not zero"


def test_coverage_counts_what_confidence_alone_could_decide() -> None:
    sure = Answered(sample(BUG), triage("bug_report", confidence=0.9))
    unsure = Answered(sample(BUG), triage(guess="praise", confidence=0.4))
    nothing = Answered(sample(NOISE), triage(guess="praise", confidence=0.3))
    figures = {f.slice: f for f in calibration([sure, unsure, nothing, nothing])}
    assert figures["all"].metric == "coverage_97"
    assert figures["all"].value == 0.25
    assert figures["lang:en"].value is None
    none_right = {f.slice: f for f in calibration([unsure])}
    assert none_right["all"].value == 0.0, "nothing can be kept: that is zero, not unscored"
