"""Does the redactor cover personal data in public texts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from evals.bench.figures import NotMeasured
from evals.bench.sets import rows, split
from evals.production import ProductionEngines

SET = "presidio_pii_en"
TYPES = ("PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "US_SSN")
NAMES = tuple(f"{SET}.recall_{kind}" for kind in TYPES)


def redacted(engines: ProductionEngines, data: Path | None) -> dict[str, float]:
    """Span recall per type: a span counts when every character of it was replaced.

    Nothing is learnt here, so all rows of dev are scored where no sealed ones exist.
    """
    if data is None:
        raise NotMeasured("needs --data")
    given = split(data / SET)
    scored = given.test if given.sealed else rows(data / SET / "dev" / "dev.jsonl")
    total: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    for row in scored:
        hidden = _hidden(engines, row["text"])
        for span in row["spans"]:
            total[span["type"]] += 1
            covered[span["type"]] += _within(span, hidden)
    return {f"{SET}.recall_{kind}": covered[kind] / total[kind] for kind in TYPES if total[kind]}


def _hidden(engines: ProductionEngines, text: str) -> set[int]:
    spans = engines.redactor.redact(text).spans
    return {place for span in spans for place in range(span.start, span.end)}


def _within(span: dict[str, Any], hidden: set[int]) -> bool:
    return hidden.issuperset(range(span["start"], span["end"]))
