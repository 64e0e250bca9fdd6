"""Disguises: seen through where a bank's word stands behind them, left alone elsewhere."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.triage.bank import load_bank
from service.triage.disguise import quick_sounds, readings
from service.triage.evasion import Unmasker
from service.triage.folding import fold, unsplit
from service.triage.phonetics import load_sounds
from service.triage.signals import Scanner

SCANNER = Scanner(load_bank())
UNMASKER = Unmasker(["自杀", "微信", "律师函", "kill myself", "suicide"])


def plain(text: str) -> set[str]:
    return {found.folded.text for found in UNMASKER.plain(fold(text))}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("想自鲨", "想自杀"),
        ("想zisha啊", "想自杀啊"),
        ("我自sha", "我自杀"),
        ("想自乂木", "想自杀"),
        ("想自🔪", "想自杀"),
        ("想自*杀", "想自杀"),
        ("绿师函", "律师函"),
        ("killmyself", "kill myself"),
        ("k1ll myself", "kill myself"),
        ("suiiiicide", "suicide"),
    ],
)
def test_a_disguise_reads_as_the_word(text: str, read: str) -> None:
    assert read in plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "紫砂壶",
        "他买了紫砂杯",
        "来自 杀青现场",
        "自杀",
        "很有威信",
        "kill, myself included? no",
        "努力口号",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert all("自杀" not in read and "kill myself" not in read for read in plain(text) - {text})


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("homophone", "真的想自鲨"),
        ("pinyin", "wo bu xiang huo le"),
        ("split_glyph", "加力口微亻言"),
        ("emoji", "今晚就去跳🏢"),
        ("leet", "I feel su1c1dal"),
        ("joined", "I want to killmyself"),
        ("spaced", "想自·杀"),
    ],
)
def test_the_disguise_is_named(code: str, text: str) -> None:
    assert code in {signal.code for signal in SCANNER.scan(text).signals}


@pytest.mark.parametrize("text", ["他是pian子", "他是马扁子", "他是骗*子"])
def test_words_of_one_sound_are_tried_in_turn(text: str) -> None:
    assert "fraud" in {signal.code for signal in SCANNER.scan(text).signals}


def test_a_finding_stands_where_the_disguise_stood() -> None:
    text = "昨晚他说想zisha，吓死我"
    found = [s for s in SCANNER.scan(text).signals if s.code == "self_harm"]
    assert "zisha" in text[found[0].start : found[0].end]


@given(st.text(max_size=120))
def test_places_stay_inside_any_text(text: str) -> None:
    folded = unsplit(fold(text)).folded
    for read in UNMASKER.plain(folded):
        assert len(read.folded.text) == len(read.folded.origins)
        assert all(0 <= origin < max(1, len(text)) for origin in read.folded.origins)


@given(st.text(alphabet="自杀沙z isha,。·5🔪乂木x", max_size=40))
def test_units_stay_in_order(text: str) -> None:
    for units in readings(text):
        assert len(units.sounds) == len(units.units)
        places = [unit.start for unit in units.units]
        assert places == sorted(places)


def test_quick_sounds_hear_what_the_slow_reading_hears() -> None:
    assert load_sounds().spell("自杀") in quick_sounds("想自-鲨")  # type: ignore[operator]


def test_letters_are_pinyin_from_end_to_end_or_not_at_all() -> None:
    sounds = load_sounds()
    assert len(sounds.syllables("zisha")) == 2
    assert sounds.syllables("hello") == ()


def test_long_hostile_text_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        text = "自 zi·sha乂木 k1l" * size
        begun = time.perf_counter()
        SCANNER.scan(text)
        return time.perf_counter() - begun

    seconds(100)
    small, large = (min(seconds(size) for _ in range(3)) for size in (100, 800))
    assert large < 40 * small
