"""What a triage is expected to say of a text, as a person left it."""

from __future__ import annotations

from service.domain.sample import TriageWanted
from service.domain.triage import Sentiment, Triage

MOST = 2
"""Categories a case expects; the third of a text is no longer its matter."""


def triage_wanted(triage: Triage, *, corrected: bool = False) -> TriageWanted | None:
    """The expectation, None where there is none.

    With `corrected` only what a person set counts; else all that was shown. A mood counts only
    where somebody set it. That a severity was set to none cannot be said: cases hold the least
    severity, not the most.
    """
    set_by, judged = triage.by_person, triage.judgement
    seen = {"categories", "severity"} if not corrected else set()
    counts = seen | set(set_by)
    labels = tuple(label.category for label in judged.labels[:MOST])
    labels = labels if "categories" in counts else ()
    silent = "categories" in counts and not judged.labels
    severity = judged.severity if "severity" in counts and judged.severity else None
    if not (labels or silent or severity):
        return None
    return TriageWanted(
        categories=labels,
        sentiment=Sentiment(judged.sentiment) if "sentiment" in set_by else None,
        min_severity=severity,
        abstain=silent,
    )
