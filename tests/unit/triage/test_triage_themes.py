"""Themes on the hashing embedder: same words, same theme; keywords in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.types import Role
from service.ports.engines import Cluster
from service.triage.build import build_themes

EMBEDDER = HashingEmbedder(256)
TOPICS = {
    "refund": [f"会员退款申请没有到账，退款什么时候到账 {tail}" for tail in "甲乙丙丁戊己庚辛"],
    "crash": [f"The app crashes on startup after update, crash on startup {n}" for n in "abcdefgh"],
    "login": [f"手机验证码收不到，登录验证码一直收不到 {tail}" for tail in "甲乙丙丁戊己庚辛"],
}


def cluster(texts: list[str]) -> tuple[Cluster, ...]:
    vectors = EMBEDDER.embed(texts, role=Role.QUERY)
    return build_themes(EMBEDDER).cluster(texts, vectors).clusters


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [text for group in TOPICS.values() for text in group]


def test_texts_about_one_thing_form_one_theme(texts: list[str]) -> None:
    themes = cluster(texts)

    groups = {frozenset(theme.members) for theme in themes}
    assert groups == {frozenset(range(start, start + 8)) for start in (0, 8, 16)}
    for theme in themes:
        assert len(theme.similarities) == len(theme.members)
        assert list(theme.similarities) == sorted(theme.similarities, reverse=True)


def test_every_theme_has_readable_keywords_in_both_languages(texts: list[str]) -> None:
    by_first = {min(theme.members): theme for theme in cluster(texts)}

    assert any("退款" in word for word in by_first[0].keywords_zh)
    assert any(word.startswith("crash") for word in by_first[8].keywords_en)
    for theme in by_first.values():
        assert theme.keywords_zh
        assert theme.keywords_en
        assert theme.name.zh
        assert theme.name.en


def test_words_of_the_other_language_fall_back_when_nobody_speaks_it() -> None:
    themes = cluster(TOPICS["refund"])

    assert themes[0].keywords_en == themes[0].keywords_zh


def test_strays_are_left_unclustered(texts: list[str]) -> None:
    strays = ["今晚吃什么", "qwerty zxcvb", "🎂🎂🎂"]
    themes = cluster([*texts, *strays])

    clustered = {row for theme in themes for row in theme.members}
    assert clustered <= set(range(len(texts)))


def test_clustering_is_repeatable(texts: list[str]) -> None:
    assert cluster(texts) == cluster(texts)


@pytest.mark.parametrize("few", [[], ["一条"], ["a", "b", "c", "d"]])
def test_too_few_texts_have_no_themes(few: list[str]) -> None:
    assert cluster(few) == ()


def test_vectors_must_match_texts() -> None:
    with pytest.raises(ValueError, match="one vector per text"):
        build_themes(EMBEDDER).cluster(["a"] * 9, np.zeros((3, 256), np.float32))


def test_personal_data_tokens_are_not_keywords() -> None:
    texts = [f"退款没到账 联系 [PHONE_1] {tail}" for tail in "甲乙丙丁戊己"]

    assert all("phone" not in word for theme in cluster(texts) for word in theme.keywords_zh)
