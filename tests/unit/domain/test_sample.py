"""A test case always expects something, and its line is one the suite can read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from evals.datasets import FILES, load
from service.domain.base import Lang
from service.domain.draft import RefusalKind
from service.domain.sample import (
    DraftWanted,
    RetrievalWanted,
    Sample,
    SampleOrigin,
    SampleStatus,
    SampleTask,
    TriageWanted,
    Wanted,
    golden_files,
    golden_line,
)
from service.domain.triage import Sentiment
from service.errors import IllegalTransition

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def sample(wanted: Wanted, text: str = "怎么退款") -> Sample:
    return Sample(
        id="smp_1", community="acme", status=SampleStatus.PROPOSED, origin=SampleOrigin.PERSON,
        lang=Lang.ZH, text=text, category="billing_refund", wanted=wanted, case_id="case_1",
        proposed_by="ann", created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    "given_wanted",
    [
        {"task": "triage"},
        {"task": "triage", "sentiment": "negative"},
        {"task": "triage", "categories": ["praise"], "abstain": True},
        {"task": "triage", "categories": ["a", "b", "c"]},
        {"task": "triage", "min_severity": 0},
        {"task": "draft", "reply_lang": "zh"},
        {"task": "draft", "reply_lang": "zh", "must_not_say": [" "]},
        {"task": "draft", "cite": ["a#1"]},
        {"task": "retrieval"},
        {"task": "retrieval", "clauses": ["a#1"], "no_answer": True},
        {"task": "pii"},
    ],
)
def test_what_expects_nothing_or_two_things_is_no_case(given_wanted: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[Wanted](Wanted).validate_python(given_wanted)


def test_only_the_steps_that_exist() -> None:
    one = sample(RetrievalWanted(no_answer=True))
    accepted = one.decided(SampleStatus.ACCEPTED, "ed", NOW)
    retired = accepted.decided(SampleStatus.RETIRED, "ed", NOW, "过时")
    assert (retired.decided_by, retired.note) == ("ed", "过时")
    for start, to in [
        (one, SampleStatus.RETIRED),
        (accepted, SampleStatus.REJECTED),
        (retired, SampleStatus.ACCEPTED),
        (one.decided(SampleStatus.REJECTED, "ed", NOW), SampleStatus.ACCEPTED),
    ]:
        with pytest.raises(IllegalTransition):
            start.decided(to, "ed", NOW)


def test_lines_read_like_those_of_the_suite() -> None:
    triage = TriageWanted(categories=("praise",), sentiment=Sentiment.POSITIVE, min_severity=1)
    draft = DraftWanted(
        cite=("a#1",), refusal=RefusalKind.NO_RULE, must_say=("七天",), reply_lang=Lang.ZH
    )
    assert json.loads(golden_line(sample(triage))) == {
        "id": "smp_1", "lang": "zh", "text": "怎么退款",
        "expect": {"categories": ["praise"], "sentiment": "positive", "min_severity": 1},
    }  # fmt: skip
    assert json.loads(golden_line(sample(draft))) == {
        "id": "smp_1", "lang": "zh", "category": "billing_refund", "text": "怎么退款",
        "expect": {
            "cite": ["a#1"], "refusal": "no_rule", "reply_lang": "zh", "must_not_say": [],
            "must_say": ["七天"],
        },
    }  # fmt: skip
    assert json.loads(golden_line(sample(RetrievalWanted(no_answer=True)))) == {
        "id": "smp_1", "lang": "zh", "query": "怎么退款", "expect": {"none": True},
    }  # fmt: skip


def test_the_suite_finds_its_files_by_name() -> None:
    draft = DraftWanted(cite=("a#1",), reply_lang=Lang.ZH)
    none = RetrievalWanted(no_answer=True)
    files = golden_files([sample(none), sample(draft), sample(none)])
    assert {name: text.count("\n") for name, text in files.items()} == {
        "retrieval.jsonl": 2, "drafts.jsonl": 1
    }  # fmt: skip
    assert {task.file for task in SampleTask} == {FILES[task.value] for task in SampleTask}


WANTED = st.one_of(
    st.builds(TriageWanted, categories=st.just(("praise",)), min_severity=st.none() | st.just(2)),
    st.builds(DraftWanted, cite=st.just(("a#1",)), reply_lang=st.sampled_from(Lang)),
    st.builds(RetrievalWanted, clauses=st.just(("a#1", "b#2"))),
)


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\u2028\u2029\x85"),
                 min_size=1, max_size=30),
    wanted=WANTED,
)  # fmt: skip
def test_whatever_the_text_the_suite_loads_one_case(
    tmp_path_factory: pytest.TempPathFactory, text: str, wanted: Wanted
) -> None:
    file: Path = tmp_path_factory.getbasetemp() / "one.jsonl"
    file.write_bytes(golden_line(sample(wanted, text)).encode())
    (loaded,) = load(wanted.task, file).samples
    assert loaded.text == text
