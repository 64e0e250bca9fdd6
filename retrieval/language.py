"""Which of the product's languages a text is written in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal

from retrieval.segment import HAN

if TYPE_CHECKING:
    from lingua import LanguageDetector

Lang = Literal["zh", "en", "other"]

_HAN = re.compile(f"[{HAN}]")
_KANA_HANGUL = re.compile(r"[\u3041-\u30ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][a-z]+)?")
_OTHER_LETTER = re.compile(r"[\u0370-\u1fff]")
_SAMPLE = 2000
_HAN_SHARE = 0.3
_FOREIGN_SHARE = 0.1
_ENGLISH_SHARE = 0.15
_SHORT = 4
_UNSURE = 0.3
_COMMON = """
the a an and or of to in is are was be been i you he she it we they my your our this that for on
with not do does did can can't don't how what why when where please have has if as at by from but
no will would should may must any all there i'm it's
"""
_COMMON_ENGLISH = frozenset(_COMMON.split())


def detect(text: str) -> Lang:
    """Return "zh", "en" or "other" for a text; a text without letters is "other".

    The script decides wherever it can: a Chinese character counts as one word, and three in ten
    make a mixed message Chinese. A statistical detector is asked only for longer Latin-script
    text without common English words, and loaded only then.
    """
    sample = text[:_SAMPLE]
    han = len(_HAN.findall(sample))
    latin = _LATIN_WORD.findall(sample)
    foreign = len(_KANA_HANGUL.findall(sample)) + len(_OTHER_LETTER.findall(sample))
    total = han + len(latin) + foreign
    if total == 0 or foreign / total > _FOREIGN_SHARE:
        return "other"
    return "zh" if han / total >= _HAN_SHARE else _latin_language(sample, latin)


def _latin_language(sample: str, words: list[str]) -> Lang:
    common = sum(word.lower() in _COMMON_ENGLISH for word in words)
    if common / len(words) >= _ENGLISH_SHARE or (len(words) < _SHORT and sample.isascii()):
        return "en"
    return "en" if _english_confidence(sample) >= _UNSURE else "other"


def _english_confidence(text: str) -> float:
    from lingua import Language

    return _detector().compute_language_confidence(text, Language.ENGLISH)


@cache
def _detector() -> LanguageDetector:
    """Trigrams only: 27 MiB and 0.1 s to load, against 200 MiB and 2 s with all n-grams."""
    from lingua import Language, LanguageDetectorBuilder

    languages = (
        Language.ENGLISH,
        Language.FRENCH,
        Language.GERMAN,
        Language.SPANISH,
        Language.PORTUGUESE,
        Language.ITALIAN,
        Language.VIETNAMESE,
        Language.INDONESIAN,
    )
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()
