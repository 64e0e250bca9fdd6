"""How test cases are kept: redacted, one of a kind. Part of both flows on samples."""

from __future__ import annotations

from collections.abc import Iterable

from service.domain.cleaning import clean_text, is_blank
from service.domain.sample import LONGEST_TEXT, Sample
from service.errors import DuplicateSample, InvalidInput
from service.ports.engines import Candidate, Redactor
from service.triage.duplicates import find_duplicate


def sample_text(given: str, redactor: Redactor) -> str:
    """A text as it is stored: without personal data.

    Raises:
        InvalidInput: empty or too long.
    """
    clean = redactor.redact(clean_text(given)).text.strip()
    if is_blank(clean) or len(clean) > LONGEST_TEXT:
        raise InvalidInput(f"The text of a test case has 1 to {LONGEST_TEXT} characters.")
    return clean


def require_single(sample: Sample, others: Iterable[Sample]) -> None:
    """Refuse what one of the others tests already: the same words, or all but the same with the
    same numbers and negations.

    Raises:
        DuplicateSample: `details` say which.
    """
    # Spelling alone decides: a suite with two wordings of one question is a good one.
    known = [Candidate(one.id, one.text, 1.0) for one in others if one.id != sample.id]
    found = find_duplicate(sample.text, known)
    if found is not None:
        raise DuplicateSample(f"The test case {found.case_id} says the same.", sample=found.case_id)
