"""Which earlier case says the same."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.triage import DuplicateKind, DuplicateOf
from service.ports.engines import Candidate
from service.triage.folding import text_key
from service.triage.wording import facts, same_wording

_SPELLING = 0.82
_MEANING = 0.90
_SHORTEST = 6


def find_duplicate(redacted: str, candidates: Sequence[Candidate]) -> DuplicateOf | None:
    """The best earlier case that says the same, exact before near, or None.

    Exact: equal but for case, script variants, blanks and punctuation. Near: spelled alike
    (indel similarity at least 0.82) and of like meaning (cosine at least 0.90), with the same
    numbers and as many negations, and different in nothing but filler words and typing mistakes;
    texts under six characters are never near.
    """
    key = text_key(redacted)
    for candidate in candidates:
        if key and text_key(candidate.text) == key:
            return DuplicateOf(case_id=candidate.case_id, kind=DuplicateKind.EXACT, similarity=1.0)
    scored = [(spelled_alike(redacted, candidate), candidate) for candidate in candidates]
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is None or best[0] <= 0:
        return None
    return DuplicateOf(case_id=best[1].case_id, kind=DuplicateKind.NEAR, similarity=best[0])


def spelled_alike(redacted: str, candidate: Candidate) -> float:
    """Similarity in spelling, or 0 where the two do not say the same."""
    if candidate.similarity < _MEANING:
        return 0.0
    key, other = text_key(redacted), text_key(candidate.text)
    if min(len(key), len(other)) < _SHORTEST:
        return 0.0
    # Most candidates are spelled otherwise, which is seen fastest.
    alike = spelling(key, other)
    if alike < _SPELLING or facts(redacted) != facts(candidate.text):
        return 0.0
    return alike if same_wording(redacted, candidate.text) else 0.0


def spelling(key: str, other: str) -> float:
    """Indel similarity of two text keys, 0 to 1."""
    from rapidfuzz.fuzz import ratio

    return float(ratio(key, other)) / 100
