"""Two languages and two registers meet under one name; other words do not."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from retrieval.concepts import LEXICON, ConceptIndex, shipped

CLAUSES = [
    "年卡在购买后 7 天内可以退款",
    "禁止未经批准的广告和引流",
    "Winners abroad receive a voucher instead of a parcel",
    "The garden is open in summer",
]


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("钱能要回来吗", "Can I get a refund?", "refund"),
        ("我被禁言了", "a mod muted me", "mute"),
        ("想註銷賬號", "please DELETE my account", "close_account"),
        ("有人冒充客服", "a scammer wrote to me", "impostor"),
        ("能离线用吗", "does it work without internet", "offline"),
    ],
)
def test_languages_and_registers_meet(one: str, other: str, name: str) -> None:
    assert name in shipped().concepts(one) & shipped().concepts(other)


@pytest.mark.parametrize("text", ["", "🙂", "refunded-ish", "the mutes", "今天天气很好", "%s {0}"])
def test_words_that_only_look_alike_do_not(text: str) -> None:
    assert "refund" not in shipped().concepts(text)
    assert "close_account" not in shipped().concepts(text)


def test_a_phrase_has_one_meaning() -> None:
    stored = tomllib.loads(files("retrieval").joinpath(LEXICON).read_text(encoding="utf-8"))
    phrases = Counter(
        phrase for section in stored.values() for names in section.values() for phrase in names
    )
    assert [phrase for phrase, count in phrases.items() if count > 1] == []


def test_the_clause_that_shares_the_concept_gets_the_share() -> None:
    index = ConceptIndex(CLAUSES)
    assert int(np.argmax(index.shares("i want my money back"))) == 0
    assert int(np.argmax(index.shares("有人在群里拉人头打广告"))) == 1
    assert int(np.argmax(index.shares("中奖了，人在国外"))) == 2
    assert index.shares("nothing of the kind").tolist() == [0.0] * 4


def test_what_the_corpus_never_speaks_of_lowers_the_share() -> None:
    index = ConceptIndex(CLAUSES)
    alone = index.shares("退款").max()
    assert 0 < index.shares("退款，还有离线和插件的事").max() < alone < 1


def test_a_corpus_without_concepts_shares_none() -> None:
    assert ConceptIndex(["lorem", "ipsum"]).shares("refund").tolist() == [0.0, 0.0]
