"""The taxonomy file: complete as shipped, and a clear error for every way to break it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from service.domain.base import Lang
from service.triage.errors import TaxonomyError
from service.triage.taxonomy import SHIPPED, labelled_examples, load_taxonomy

IDS = {
    "bug_report", "feature_request", "usage_question", "account_access", "billing_refund",
    "complaint", "praise", "event_feedback", "event_question", "rule_question",
    "violation_report", "appeal", "spam_ad", "abuse", "partner_offer", "privacy_legal",
    "safety_crisis", "community_suggestion", "chat",
}  # fmt: skip

ENTRY = """
[[category]]
id = "{id}"
title = {{ zh = "一", en = "One" }}
definition = {{ zh = "一", en = "one" }}
owner = "{owner}"
sla_minutes = {sla}
severity = 1
needs_reply = true
examples_zh = ["{id}甲", "{id}乙", "{third}"]
examples_en = ["{id} a", "{id} b", "{id} c"]
counter_examples = [{counter}]
"""


def entry(name: str, **changes: object) -> str:
    fields = {"owner": "support", "sla": 60, "third": f"{name}丙", "counter": ""} | changes
    return ENTRY.format(id=name, **fields)


def test_the_shipped_taxonomy_has_every_category_with_examples_in_both_languages() -> None:
    taxonomy = load_taxonomy()

    assert {category.id for category in taxonomy.categories} == IDS
    counts = Counter((e.category, e.lang) for e in labelled_examples(taxonomy))
    for category in taxonomy.categories:
        assert len(category.counter_examples) >= 3
        assert counts[category.id, Lang.ZH] >= 14
        assert counts[category.id, Lang.EN] >= 10


def test_counter_examples_teach_the_category_they_belong_to() -> None:
    by_text = {e.text: e.category for e in labelled_examples(load_taxonomy())}

    assert by_text["怎么导出 PDF 呀"] == "usage_question"


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(entry("a") + entry("b"), encoding="utf-8")
    before = load_taxonomy(file).version
    file.write_text(entry("a") + entry("b", sla=61), encoding="utf-8")

    assert load_taxonomy(file).version != before


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", "file"),
        ("oops [", "file"),
        (entry("a"), "a"),
        (entry("a") + entry("a"), "a"),
        (entry("a") + entry("b", owner="nobody"), "category 2 (b)"),
        (entry("a") + entry("b", sla=0), "category 2 (b)"),
        (entry("a") + entry("b", third="a甲"), "'a甲'"),
        (entry("a") + entry("b", counter="'x => zzz'"), "b"),
        (entry("a") + entry("b", counter="'x => b'"), "b"),
        (entry("a") + entry("b", third=" "), "b"),
        (entry("a") + entry("b-c"), "b-c"),
        (entry("a") + "[[category]]\nid = 'b'\nexamples_zh = ['x']", "category 2 (b)"),
    ],
)
def test_a_broken_file_is_named_with_its_entry(tmp_path: Path, content: str, where: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(TaxonomyError, match=r"broken\.toml") as caught:
        load_taxonomy(file)

    assert caught.value.details["entry"] == where


def test_a_missing_file_is_a_taxonomy_error(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError):
        load_taxonomy(tmp_path / "none.toml")


def test_the_shipped_version_is_the_one_that_was_compared() -> None:
    """After a change: `python -m evals candidate --subject taxonomy`, and with a pass write the new
    version into `SHIPPED`. Services that follow the release take it up without asking."""
    assert load_taxonomy().version == SHIPPED
