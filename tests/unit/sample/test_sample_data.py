"""The sample community and the golden cases over it hold together."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from retrieval.chunking import clauses_of
from retrieval.documents import parse
from retrieval.types import DocumentKind

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "service" / "sample"
DATASETS = ROOT / "evals" / "datasets"
DOCUMENTS = sorted((SAMPLE / "rules").glob("*.md")) + sorted((SAMPLE / "faq").glob("*.md"))
FOUR_WEEKS = 28 * 24 * 60
HAN = re.compile(r"[\u4e00-\u9fff]")
SLUG = re.compile(r"^slug: (\S+)$", re.M)
NUMBER = re.compile(r"^(?:\*\*(\d+\.\d+)\*\* |## (Q\d+) )", re.M)
REFUSALS = {"no_rule", "needs_human", "legal_or_crisis", "insufficient_information"}
REFUND_STORM = re.compile(r"两次|两笔|两回|两条|重复扣|double|twice|148|扣了|到账|退|charged", re.I)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def numbered(path: Path) -> list[str]:
    """Clause ids by a plain reading of the text, apart from the product's chunker."""
    text = path.read_text(encoding="utf-8")
    found = SLUG.search(text)
    assert found, path
    return [f"{found[1]}#{rule or question}" for rule, question in NUMBER.findall(text)]


@pytest.fixture(scope="module")
def messages() -> list[dict[str, Any]]:
    return rows(SAMPLE / "messages.jsonl")


@pytest.fixture(scope="module")
def community() -> dict[str, Any]:
    return tomllib.loads((SAMPLE / "community.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def clause_ids() -> set[str]:
    return {clause for path in DOCUMENTS for clause in numbered(path)}


@pytest.mark.parametrize(
    "path", [*DOCUMENTS, *SAMPLE.glob("*.*"), *DATASETS.glob("*.jsonl")], ids=lambda p: p.name
)
def test_files_are_utf8_with_unix_line_ends(path: Path) -> None:
    data = path.read_bytes()
    assert data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert data.endswith(b"\n")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_document_names_itself_and_numbers_each_clause_once(path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("---\n")[1]
    for key in ("slug", "title", "kind", "lang", "version", "effective"):
        assert re.search(rf"^{key}: \S", head, re.M), key
    assert re.search(rf"^slug: {path.stem}$", head, re.M)
    ids = numbered(path)
    assert ids
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_chunker_finds_every_numbered_clause(path: Path) -> None:
    parsed = parse(path.read_bytes(), path.name)
    kind = DocumentKind(parsed.front_matter["kind"])
    clauses = clauses_of(parsed, slug=path.stem, document_id="d", version=1, kind=kind)
    assert set(numbered(path)) <= {clause.id for clause in clauses}


def test_there_are_enough_clauses_and_answers(clause_ids: set[str]) -> None:
    count = Counter(clause.split("#")[0] for clause in clause_ids)
    assert count["faq-zh"] >= 15
    assert count["faq-en"] >= 10
    faq = {"faq-zh", "faq-en", "facts"}
    assert sum(n for slug, n in count.items() if slug not in faq) >= 48


def test_references_between_clauses_resolve(clause_ids: set[str]) -> None:
    for path in DOCUMENTS:
        for number in re.findall(r"受 (\d\.\d)", path.read_text(encoding="utf-8")):
            assert f"{path.stem}#{number}" in clause_ids


def test_messages_have_the_right_shape(
    messages: list[dict[str, Any]], community: dict[str, Any]
) -> None:
    assert len(messages) >= 440
    sources = {channel["id"]: channel["source"] for channel in community["channels"]}
    for row in messages:
        assert sources[row["channel"]] == row["source"]
        assert re.fullmatch(r"(wx|qq|fm|dc)_[0-9a-f]{4}", row["author"])
        assert row["text"].strip()
        assert set(row) - {"name"} == {
            *("external_id", "source", "channel", "author"),
            *("thread", "reply_to", "text", "minutes_ago"),
        }


def test_messages_are_ordered_within_four_weeks_to_the_last_hour(
    messages: list[dict[str, Any]],
) -> None:
    ages = [row["minutes_ago"] for row in messages]
    assert ages == sorted(ages, reverse=True)
    assert FOUR_WEEKS - 24 * 60 <= ages[0] <= FOUR_WEEKS
    assert ages[-1] >= 0
    assert sum(age < 180 for age in ages) >= 15


def test_message_ids_are_unique_and_replies_answer_an_earlier_message_of_the_channel(
    messages: list[dict[str, Any]],
) -> None:
    by_id = {row["external_id"]: row for row in messages}
    assert len(by_id) == len(messages)
    replies = [row for row in messages if row["reply_to"]]
    assert len(replies) >= 30
    for row in replies:
        answered = by_id[row["reply_to"]]
        assert answered["channel"] == row["channel"]
        assert answered["minutes_ago"] >= row["minutes_ago"]


def test_a_thread_stays_in_its_channel_and_some_have_several_authors(
    messages: list[dict[str, Any]],
) -> None:
    channels: dict[str, set[str]] = {}
    authors: dict[str, set[str]] = {}
    for row in messages:
        if row["thread"]:
            channels.setdefault(row["thread"], set()).add(row["channel"])
            authors.setdefault(row["thread"], set()).add(row["author"])
    assert all(len(found) == 1 for found in channels.values())
    assert sum(len(found) >= 3 for found in authors.values()) >= 5


def test_people_write_in_bursts(messages: list[dict[str, Any]]) -> None:
    last: dict[tuple[str, str], int] = {}
    bursts = 0
    for row in messages:
        key = (row["channel"], row["author"])
        bursts += last.get(key, FOUR_WEEKS * 2) - row["minutes_ago"] <= 3
        last[key] = row["minutes_ago"]
    assert bursts >= 25


def test_english_has_its_share(messages: list[dict[str, Any]]) -> None:
    english = sum(not HAN.search(row["text"]) and len(row["text"]) > 5 for row in messages)
    assert 0.2 <= english / len(messages) <= 0.35


def test_nights_are_quiet(messages: list[dict[str, Any]]) -> None:
    hours = Counter(((16 * 60 - row["minutes_ago"]) % 1440) // 60 for row in messages)
    assert sum(hours[hour] for hour in range(1, 7)) <= len(messages) * 0.03
    assert sum(hours[hour] for hour in range(8, 23)) >= len(messages) * 0.9


def test_a_refund_storm_stands_out_twenty_hours_ago(messages: list[dict[str, Any]]) -> None:
    def about_charges(youngest: int, oldest: int) -> list[dict[str, Any]]:
        return [
            row
            for row in messages
            if youngest <= row["minutes_ago"] < oldest and REFUND_STORM.search(row["text"])
        ]

    storm = about_charges(1100, 1280)
    assert 25 <= len(storm) <= 40
    assert len({row["author"] for row in storm}) >= 15
    assert {row["source"] for row in storm} >= {"wechat", "qq", "forum", "discord"}
    assert len(about_charges(1280 + 1440, 1280 + 1440 + 180)) <= 3


def test_exact_duplicates_and_evasion_are_among_them(messages: list[dict[str, Any]]) -> None:
    repeated = Counter(row["text"] for row in messages)
    assert sum(n - 1 for n in repeated.values()) >= 8
    assert any("\u200b" in row["text"] for row in messages)


def test_community_is_described_in_both_languages(
    community: dict[str, Any], messages: list[dict[str, Any]]
) -> None:
    assert community["id"] == "zhujian"
    assert set(community["name"]) == set(community["tone"]) == {"zh", "en"}
    authors = {row["author"] for row in messages}
    assert set(community["staff"]) <= authors
    named_staff = {row["author"] for row in messages if row.get("name", "").startswith("竹简官方")}
    assert set(community["staff"]) == named_staff


def test_retrieval_cases_point_at_clauses_that_exist(clause_ids: set[str]) -> None:
    cases = rows(DATASETS / "retrieval.jsonl")
    assert len(cases) >= 70
    assert len({case["id"] for case in cases}) == len({case["query"] for case in cases})
    assert len({case["id"] for case in cases}) == len(cases)
    assert sum(case["expect"] == {"none": True} for case in cases) >= 12
    for case in cases:
        if "none" not in case["expect"]:
            assert case["expect"]["clauses"]
            assert set(case["expect"]["clauses"]) <= clause_ids, case["id"]
        assert (case["lang"] == "zh") == bool(HAN.search(case["query"])), case["id"]


def test_some_questions_are_answered_in_the_other_language_only() -> None:
    english_documents = {"english-corner", "faq-en"}
    crossing = Counter(
        case["lang"]
        for case in rows(DATASETS / "retrieval.jsonl")
        if (slugs := {clause.split("#")[0] for clause in case["expect"].get("clauses", [])})
        and (slugs <= english_documents if case["lang"] == "zh" else not slugs & english_documents)
    )
    assert crossing["en"] >= 10
    assert crossing["zh"] >= 4


def test_draft_cases_expect_something_that_exists(clause_ids: set[str]) -> None:
    cases = rows(DATASETS / "drafts.jsonl")
    assert len(cases) >= 70
    assert len({case["id"] for case in cases}) == len({case["text"] for case in cases})
    assert len({case["id"] for case in cases}) == len(cases)
    for case in cases:
        expect = case["expect"]
        assert set(expect["cite"]) <= clause_ids, case["id"]
        assert expect["refusal"] in REFUSALS | {None}
        assert expect["reply_lang"] == case["lang"]
        assert all(phrase.strip() for phrase in expect["must_not_say"])
    refusals = Counter(case["expect"]["refusal"] for case in cases)
    assert all(refusals[kind] >= 4 for kind in REFUSALS)


def test_every_category_has_draft_cases() -> None:
    taxonomy = tomllib.loads(
        (ROOT / "service" / "triage" / "taxonomy.toml").read_text(encoding="utf-8")
    )
    categories = {category["id"] for category in taxonomy["category"]}
    seen = Counter(case["category"] for case in rows(DATASETS / "drafts.jsonl"))
    assert set(seen) == categories
    assert min(seen.values()) >= 2


def test_golden_cases_are_not_messages_of_the_sample(messages: list[dict[str, Any]]) -> None:
    told = {row["text"].strip() for row in messages}
    asked = {case["query"] for case in rows(DATASETS / "retrieval.jsonl")}
    asked |= {case["text"] for case in rows(DATASETS / "drafts.jsonl")}
    assert not told & asked


def test_forbidden_words_do_not_occur_in_the_clauses_to_cite() -> None:
    """A correct answer may quote its clause, so the clause must not hold a forbidden phrase."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in DOCUMENTS}
    for case in rows(DATASETS / "drafts.jsonl"):
        for clause in case["expect"]["cite"]:
            document = texts[clause.split("#")[0]]
            assert not [p for p in case["expect"]["must_not_say"] if p in document], case["id"]
