"""Names of people in Latin script: found in running text, and little else taken for one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.triage.build import build_redactor
from service.triage.errors import HeadsInvalid
from service.triage.person_head import FILE, NameLists, bloom_places, load_person_head
from service.triage.person_names import Locale, pinyin_names
from service.triage.person_texts import headings, own_words
from service.triage.person_tokens import own_traits, words_of

HEAD = load_person_head()

NAMED = [
    ("Thanks to Margaret Hollingsworth for the quick answer", "Margaret Hollingsworth"),
    ("Please tell Tomasz that the parcel is here", "Tomasz"),
    ("Regards,\nIngeborg Halvorsen\nOslo", "Ingeborg Halvorsen"),
    ("The account belongs to my husband, Peter O. Lindqvist.", "Peter O. Lindqvist"),
    ("Šárka Nováková said she would call back", "Šárka Nováková"),
    ("Can you ask Mr. Fitzgerald about the invoice?", "Fitzgerald"),
    ("昨天客服Kevin说会给我退款", "Kevin"),
    ("Ask Anne-Marie about the keys", "Anne-Marie"),
    ("Jean-Pierre opens the room", "Jean-Pierre"),
    ("Moderator Henrike deleted my post", "Henrike"),
    ("群主 Rosamund 一直不回", "Rosamund"),
    ("Mrs. Sellers lost her card", "Sellers"),
    ("## An Evening With Greta Solheim", "Greta Solheim"),
]
NOBODY = [
    "Does it run on Ubuntu or Windows?",
    "My parcel to Germany is late since Monday",
    "Settings > Privacy > Delete Account does nothing",
    "The PDF export fails on my MacBook",
    "When will the Android widget arrive? Thanks!",
    "更新到 Beta 版以后 App 一直闪退",
    "Where is the refund for the Pro plan?",
    "@Margaret_H please look, and so should Seveas2",
    "Sign-up: by Friday",
    "Follow-Up sessions are free",
    "An Android phone",
    "Add English answers",
    "Find sellers\nWrite the notice",
    "Write Pinyin above each line",
    "# What Changed This Week",
    "Try the Zhujian app",
]


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_names_are_found_whole(text: str, name: str) -> None:
    assert name in [text[start:end] for start, end in HEAD.find(text)]


@pytest.mark.parametrize("text", NOBODY)
def test_other_capitals_are_no_names(text: str) -> None:
    assert list(HEAD.find(text)) == []


def test_a_second_mention_goes_too() -> None:
    text = "I spoke to Wilhelmina Strand. Later Strand hung up, and Strand never called."
    assert "Strand" not in build_redactor().redact(text).text


def test_names_in_a_row_vouch_for_one_another() -> None:
    text = "The moderators Oluwaseun, Brecht and Anneliese were helpful"
    found = [text[start:end] for start, end in HEAD.find(text)]
    assert found == ["Oluwaseun", "Brecht", "Anneliese"]


def test_an_article_before_a_vowel_is_no_name_but_the_given_name_is() -> None:
    assert list(HEAD.find("An iPad will do")) == []
    text = "An Nguyen asked first"
    assert [text[start:end] for start, end in HEAD.find(text)] == ["An Nguyen"]


def test_a_possessive_is_no_part_of_a_name() -> None:
    text = "This is Rosalind's ticket"
    assert [text[start:end] for start, end in HEAD.find(text)] == ["Rosalind"]


@given(st.text(max_size=200))
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    spans = list(HEAD.find(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(first.end <= second.start for first, second in pairwise(spans))


def test_words_keep_their_places() -> None:
    text = "O'Brien's dog, 3 times\n吗"
    words = words_of(text)
    assert [word.text for word in words] == ["O'Brien", "'s", "dog", ",", "3", "times", "\n", "吗"]
    assert all(text[word.start : word.end] == word.text for word in words)


def test_traits_hold_no_accents_of_the_word() -> None:
    assert "w=sarka" in set(own_traits(words_of("Šárka")[0], ""))


def test_a_filter_knows_what_was_put_in() -> None:
    bits = np.zeros((4, 1 << 12), dtype=np.uint8)
    bits[0, list(bloom_places("tomasz", (1 << 12) - 1))] = 1
    lists = NameLists(np.packbits(bits, axis=1))
    assert (lists.codes("tomasz"), lists.codes("nobody")) == ("F", "")


def test_ordinary_words_are_ours_with_plurals_and_without_given_names() -> None:
    words = own_words([Locale(given=("Member",), family=("Sellers",))])
    assert {"sellers", "tenants", "notebook", "notebooks"} <= words
    assert "member" not in words
    assert all(word.islower() for word in words)


def test_headings_are_lines_with_capitals() -> None:
    found = list(headings())
    assert len(found) > 100
    assert all(line and "\n" not in line for line in found)


def test_pinyin_names_depend_on_the_seed_alone() -> None:
    assert pinyin_names(1) == pinyin_names(1) != pinyin_names(2)
    assert all(name.istitle() and name.isascii() for name in pinyin_names(1).given)


def test_the_stored_head_keeps_numbers_only() -> None:
    with np.load(FILE, allow_pickle=False) as data:
        kinds = {key: data[key].dtype.kind for key in data}
        assert len(str(data["about"])) < 200
    assert kinds == {"weights": "f", "lists": "u", "about": "U"}


def test_a_damaged_head_names_its_remedy(tmp_path: Path) -> None:
    broken = tmp_path / "persons.npz"
    broken.write_bytes(b"no archive")
    with pytest.raises(HeadsInvalid, match="train_persons"):
        load_person_head(broken)
