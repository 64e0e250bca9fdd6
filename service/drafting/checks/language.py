"""The reply is in the member's language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.base import Lang
from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.checks.links import LINK

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_QUOTED = re.compile(r"《[^》]*》|「[^」]*」|“[^”]*”|\"[^\"]*\"")
_SENTENCE = re.compile(r"[^。！？；.!?;\n]+[。！？；.!?;\n]?")
_LEAST_SENTENCE = 8
"""Characters; a shorter sentence of a clause can stand in a reply by chance."""

_LEAST_WORDS = 4
_LEAST_SHARE = {Lang.ZH: 0.5, Lang.EN: 0.85}
"""Least share of the reply's own words; Chinese product talk is full of Latin names."""


def check_language(given: Checked) -> Iterator[Finding]:
    """Counts Han characters (two a word) against Latin words, outside quotations if it can.

    Links have no language.
    """
    words = LINK.sub(" ", _without_foreign_clauses(given))
    han, latin = _count(_QUOTED.sub(" ", words))
    if han + latin < _LEAST_WORDS:
        han, latin = _count(LINK.sub(" ", given.text))
    own = han if given.context.lang is Lang.ZH else latin
    if han + latin and own / (han + latin) < _LEAST_SHARE[given.context.lang]:
        yield finding("wrong_language", Severity.BLOCKING, detail=given.context.lang.value)


def _without_foreign_clauses(given: Checked) -> str:
    """The text without what it quotes of clauses in another language: these may hold quotation
    marks of their own, so the marks around them do not tell where they end."""
    text, lang = given.text, given.context.lang.value
    for passage in given.context.passages:
        if passage.lang != lang:
            for sentence in map(str.strip, _SENTENCE.findall(passage.text)):
                if len(sentence) >= _LEAST_SENTENCE:
                    text = text.replace(sentence, " ")
    return text


def _count(text: str) -> tuple[float, float]:
    return len(_HAN.findall(text)) / 2, len(_WORD.findall(text))
