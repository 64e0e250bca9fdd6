"""The category head: held-out scores, "none of these", weights of words, and its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.embedders.hashing import HashingEmbedder
from service.triage import kernel_ridge
from service.triage.calibration import log_loss
from service.triage.category_head import CategoryHead, train_category_head
from service.triage.features import Features, embed_features
from service.triage.head_cache import cached_head
from service.triage.lexical import fit_weighing
from service.triage.ngrams import word_ngrams
from service.triage.scope import NEEDED

EMBEDDER = HashingEmbedder(96)
KINDS = ("refund my order {n}", "export notes to pdf {n}", "同步失败 {n} 次了")
TEXTS = [kind.format(n=number) for kind in KINDS for number in range(24)]
TARGETS = np.repeat(np.arange(len(KINDS)), 24)
STRANGE = [f"{'zqx' * (number % 5 + 1)} wv{number} kj" for number in range(NEEDED + 5)]


def features(texts: list[str]) -> Features:
    return embed_features(EMBEDDER, texts)


@pytest.fixture(scope="module")
def head() -> CategoryHead:
    targets = np.concatenate([TARGETS, np.full(len(STRANGE), len(KINDS))])
    return train_category_head(features([*TEXTS, *STRANGE]), targets, len(KINDS), 0.9, 0.95)


def test_a_known_kind_is_recognised_in_other_words_of_it(head: CategoryHead) -> None:
    found = head.probabilities(features(["export my notes to a pdf", "同步又失败了"]))

    assert found.argmax(axis=1).tolist() == [1, 2]


def test_what_resembles_nothing_known_is_taken_for_none(head: CategoryHead) -> None:
    found = head.probabilities(features(["zqxzqx wv77 kj", "refund order 3"]))

    assert found.argmax(axis=1).tolist() == [len(KINDS), 0]


def test_probabilities_are_shares_of_one_with_and_without_none(head: CategoryHead) -> None:
    plain = train_category_head(features(TEXTS), TARGETS, len(KINDS))
    given = features([*TEXTS[::7], *STRANGE[::7], ""])

    assert plain.scope is None
    assert head.scope is not None
    for one in (plain, head):
        np.testing.assert_allclose(one.probabilities(given).sum(axis=1), 1.0, atol=1e-5)


def test_too_few_examples_of_none_make_a_class_and_no_detector() -> None:
    targets = np.concatenate([TARGETS, np.full(3, len(KINDS))])
    few = train_category_head(features([*TEXTS, *STRANGE[:3]]), targets, len(KINDS))

    assert few.scope is None
    assert few.probabilities(features(["refund"])).shape == (1, len(KINDS) + 1)


def test_weighed_alike_a_rare_class_gains_and_alike_classes_stay_as_they_are() -> None:
    rare = np.concatenate([np.arange(24), np.arange(24, 28), np.arange(48, 72)])
    asked = features([*TEXTS[::5], "order pdf"])
    few = train_category_head(features([TEXTS[row] for row in rare]), TARGETS[rare], len(KINDS))
    even = train_category_head(features(TEXTS), TARGETS, len(KINDS))

    gained = few.balanced(asked)[:, 1] - few.probabilities(asked)[:, 1]
    assert (gained >= 0).all()
    assert gained.any()
    np.testing.assert_allclose(few.balanced(asked).sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(even.balanced(asked), even.probabilities(asked), atol=1e-5)


def test_a_text_is_judged_alike_alone_and_in_a_batch(head: CategoryHead) -> None:
    given = ["refund order 3", "zqx wv1 kj", "同步失败"]
    together = head.probabilities(features(given))
    alone = np.concatenate([head.probabilities(features([text])) for text in given])

    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_held_out_scores_are_those_of_a_head_that_never_saw_the_text() -> None:
    given = features(TEXTS[::6])
    targets = TARGETS[::6]
    words = fit_weighing(given).apply(given)
    whole = (
        kernel_ridge.dense(kernel_ridge.cosines(given.vectors, given.vectors))
        + 1
        + (words @ words.T).toarray()
    )
    wanted = kernel_ridge._codes(targets, len(KINDS))
    solved = kernel_ridge._solved(whole, wanted, 1.0, 0.3)

    rest = np.arange(1, len(targets))
    refitted = kernel_ridge._solved(whole[np.ix_(rest, rest)], wanted[rest], 1.0, 0.3)
    np.testing.assert_allclose(whole[0, rest] @ refitted.dual, solved.held_out[0], atol=1e-4)


def test_a_stored_head_is_the_same_head(head: CategoryHead, tmp_path: Path) -> None:
    def never() -> CategoryHead:
        raise AssertionError("the file should have been read")

    cached_head(tmp_path, "category", "k1", lambda: head)
    read = cached_head(tmp_path, "category", "k1", never)

    given = features([*TEXTS[::9], *STRANGE[::9]])
    np.testing.assert_allclose(read.probabilities(given), head.probabilities(given), atol=1e-6)
    np.testing.assert_allclose(read.balanced(given), head.balanced(given), atol=1e-6)
    assert read.confidence == pytest.approx(head.confidence)


def test_a_damaged_file_is_trained_anew(head: CategoryHead, tmp_path: Path) -> None:
    (tmp_path / "category-k1.npz").write_bytes(b"PK\x03\x04 no head")
    made = cached_head(tmp_path, "category", "k1", lambda: head)

    assert made is head


def test_rare_words_weigh_more_than_common_ones() -> None:
    given = features(["order refund", "order export", "order sync", "order login"])
    weights = fit_weighing(given).words
    order = given.words[0].indices
    rarest, commonest = weights[order].max(), weights[order].min()

    assert rarest > commonest


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_weighted_words_have_unit_length_or_none(texts: list[str]) -> None:
    given = features(texts)
    weighted = fit_weighing(given).apply(given)
    squares = np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel()

    parts = (np.diff(given.grams.indptr) > 0).astype(int) + (np.diff(given.words.indptr) > 0)
    np.testing.assert_allclose(squares, parts, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_words_of_a_text_do_not_depend_on_its_neighbours(text: str) -> None:
    alone = word_ngrams([text], 512).toarray()
    among = word_ngrams(["refund", text, "退款"], 512).toarray()

    np.testing.assert_allclose(alone[0], among[1], atol=1e-6)


def test_scores_that_are_too_sure_get_a_temperature_above_those_that_are_not() -> None:
    targets = np.array([0, 1, 0, 1, 0, 1])
    right = np.eye(2)[targets]
    wrong_once = right.copy()
    wrong_once[0] = [0.0, 1.0]

    assert log_loss(wrong_once, targets)[1] > log_loss(right, targets)[1]
