"""How two cases resemble each other: the same text, the same words, or the same meaning.

Like meaning is only ever a suggestion. Cosines cannot tell "cancel the renewal" from "start the
renewal", so a pair spelled alike that is no near duplicate counts as a contrast, not as a
paraphrase.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.language import detect
from retrieval.segment import segment
from service.domain.duplicates import Likeness, LikenessReason
from service.domain.triage import DuplicateKind, Judgement
from service.ports.engines import Candidate, Side
from service.triage.duplicates import spelled_alike, spelling
from service.triage.features import Centre
from service.triage.folding import text_key
from service.triage.wording import facts, names

LIKE_MEANING = 0.50
"""Centred cosine from which two texts in one language may say the same."""

ACROSS = 0.45
"""The same for a Chinese and an English text, whose vectors lie farther apart."""

CONTRAST = 0.60
"""Spelling from which two texts that are no near duplicates differ on purpose."""

_GUESSES = 2
_MOST_WORDS = 5


def likeness(one: Side, others: Sequence[Side], centre: Centre) -> tuple[Likeness | None, ...]:
    """See `Triager.likeness`; `centre` is that of the category head."""
    if not others:
        return ()
    sides = [one, *others]
    langs = [detect(side.judgement.redacted.text) for side in sides]
    centred = centre.apply(np.stack([side.vector for side in sides]), langs)
    meaning = centred[1:] @ centred[0]
    return tuple(
        _literal(one, other) or _semantic(one, other, float(cosine), lang == langs[0])
        for other, cosine, lang in zip(others, meaning, langs[1:], strict=True)
    )


def _literal(one: Side, other: Side) -> Likeness | None:
    """Exact or near, as triage itself would say."""
    left, right = one.judgement.redacted.text, other.judgement.redacted.text
    if text_key(left) and text_key(left) == text_key(right):
        reasons = (LikenessReason.SAME_TEXT,)
        return Likeness(kind=DuplicateKind.EXACT, similarity=1.0, reasons=reasons)
    near = spelled_alike(left, Candidate(other.case_id, right, float(one.vector @ other.vector)))
    if not near:
        return None
    return Likeness(
        kind=DuplicateKind.NEAR,
        similarity=round(near, 4),
        reasons=(LikenessReason.LIKE_SPELLING, LikenessReason.LIKE_MEANING),
    )


def _semantic(one: Side, other: Side, cosine: float, one_language: bool) -> Likeness | None:
    left, right = one.judgement.redacted.text, other.judgement.redacted.text
    category = _shared_category(one.judgement, other.judgement)
    if cosine < (LIKE_MEANING if one_language else ACROSS) or category is None:
        return None
    if _differ(left, right, one_language):
        return None
    words = _shared_words(left, right)
    if one_language and not words:
        return None
    found = (LikenessReason.LIKE_MEANING, LikenessReason.SAME_CATEGORY)
    return Likeness(
        kind=DuplicateKind.SEMANTIC,
        similarity=round(cosine, 4),
        reasons=(*found, LikenessReason.SHARED_WORDS) if words else found,
        words=words,
        category=category,
    )


def _differ(left: str, right: str, one_language: bool) -> bool:
    """Other numbers, other names, a denial on one side only, or a contrast in like words."""
    mine, theirs = facts(left), facts(right)
    if mine.numbers and theirs.numbers and set(mine.numbers) != set(theirs.numbers):
        return True
    if names(left) and names(right) and names(left) != names(right):
        return True
    if not one_language:
        return False
    if bool(mine.negations) != bool(theirs.negations):
        return True
    return spelling(text_key(left), text_key(right)) >= CONTRAST


def _shared_category(one: Judgement, other: Judgement) -> str | None:
    shared = [category for category in _thought(one) if category in _thought(other)]
    return shared[0] if shared else None


def _thought(judgement: Judgement) -> list[str]:
    ranked = judgement.labels or judgement.candidates[:_GUESSES]
    return [label.category for label in ranked]


def _shared_words(left: str, right: str) -> tuple[str, ...]:
    shared = set(segment(left)) & set(segment(right))
    return tuple(sorted(shared, key=lambda word: (-len(word), word))[:_MOST_WORDS])
