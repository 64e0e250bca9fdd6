"""Which earlier case says the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.domain.triage import DuplicateKind, DuplicateOf
from service.ports.engines import Candidate
from service.triage.folding import fold, text_key
from service.triage.redaction import TOKEN

_SPELLING = 0.82
_MEANING = 0.90
_SHORTEST = 6
_NUMBER = re.compile(r"\d+")
_NEGATION = re.compile(r"不|没|无法|别|未|\bnot\b|n't\b|\bno\b|\bnever\b|\bcan ?not\b")


def find_duplicate(redacted: str, candidates: Sequence[Candidate]) -> DuplicateOf | None:
    """The best earlier case that says the same, exact before near, or None.

    Exact: equal but for case, script variants, blanks and punctuation. Near: spelled alike
    (indel similarity at least 0.82) and of like meaning (cosine at least 0.90), with the same
    numbers and as many negations; texts under six characters are never near.
    """
    key = text_key(redacted)
    for candidate in candidates:
        if key and text_key(candidate.text) == key:
            return DuplicateOf(case_id=candidate.case_id, kind=DuplicateKind.EXACT, similarity=1.0)
    scored = [(_near(redacted, key, candidate), candidate) for candidate in candidates]
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is None or best[0] <= 0:
        return None
    return DuplicateOf(case_id=best[1].case_id, kind=DuplicateKind.NEAR, similarity=best[0])


def _near(redacted: str, key: str, candidate: Candidate) -> float:
    """Similarity in spelling, or 0 where the two do not say the same."""
    from rapidfuzz.fuzz import ratio

    other = text_key(candidate.text)
    if min(len(key), len(other)) < _SHORTEST or candidate.similarity < _MEANING:
        return 0.0
    if _facts(redacted) != _facts(candidate.text):
        return 0.0
    alike = float(ratio(key, other)) / 100
    return alike if alike >= _SPELLING else 0.0


def _facts(text: str) -> tuple[list[str], int]:
    plain = fold(TOKEN.sub(" ", text)).text
    return sorted(_NUMBER.findall(plain)), len(_NEGATION.findall(plain))
