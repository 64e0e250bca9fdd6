"""What compares two sets of managed terms."""

from __future__ import annotations

import json
from collections.abc import Sequence

from service.domain.bank import BankTerm, TermDraft
from service.domain.evaluation import Subject, SubjectKind, Trial
from service.triage.bank_terms import terms_stamp


def bank_trial(
    community: str | None, before: Sequence[BankTerm], after: Sequence[BankTerm]
) -> Trial:
    """All terms a community (None: every one) has before and after a change. The shipped part of
    the bank is the same in both."""
    stamp = terms_stamp(after)
    return Trial(
        subject=Subject(kind=SubjectKind.BANK, community=community),
        version=stamp,
        candidate_hash=stamp,
        baseline_hash=terms_stamp(before),
        candidate="candidate.json",
        files={"candidate.json": _stored(after), "production/bank.json": _stored(before)},
    )


def _stored(terms: Sequence[BankTerm]) -> str:
    """As the suite reads it: what the terms say, not who said it."""
    fields = set(TermDraft.model_fields)
    said = [one.model_dump(mode="json", include=fields) for one in terms]
    return json.dumps({"files": {}, "terms": said}, ensure_ascii=False)
