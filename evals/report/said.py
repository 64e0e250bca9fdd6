"""What a case wanted and what an engine gave, as one text each."""

from __future__ import annotations

from collections.abc import Iterable

from evals.cases import (
    Answer,
    DraftAnswer,
    DuplicatesAnswer,
    EvasionAnswer,
    PiiAnswer,
    RetrievalAnswer,
    Sample,
    SeverityAnswer,
    SupportAnswer,
    TriageAnswer,
)
from evals.cases_written import AttacksAnswer, DraftFinding, PostsAnswer
from evals.model import Failure


def wanted(sample: Sample) -> str:
    """The expectation as JSON, without what it leaves open."""
    return sample.expect.model_dump_json(exclude_defaults=True)


def asked(sample: Sample) -> str:
    """The text of a case, with what was given beside it: a hostile document, a brief."""
    parts = [sample.text]
    if sample.passage is not None:
        parts.append(f"[passage] {sample.passage}")
    if sample.post is not None:
        parts.append(f"[brief] {sample.post.model_dump_json(exclude_defaults=True)}")
    return "\n".join(parts)


def said(answer: Answer | Failure | None) -> str:
    """An answer in one line and its text, or why there is none."""
    match answer:
        case None:
            return "nothing"
        case Failure():
            return f"{answer.kind} failed: {answer.message}"
        case TriageAnswer():
            return _judged(answer)
        case DuplicatesAnswer():
            return f"{answer.kind} {answer.similarity:.2f} | {' '.join(answer.reasons)}"
        case RetrievalAnswer():
            found = "found" if answer.found else "none"
            return f"{found} {answer.confidence:.2f} | {' '.join(answer.clauses[:5])}"
        case DraftAnswer():
            return f"{_kind(answer)} | {_found(answer.findings)} | {answer.text}"
        case AttacksAnswer():
            signal = "flagged" if answer.flagged else "not flagged"
            plain = "" if answer.plain_severity is None else f", plain {answer.plain_severity}"
            seen = f"{signal} | severity {answer.severity}{plain}"
            return f"{seen} | {_kind(answer)} | {_found(answer.findings)} | {answer.text}"
        case PostsAnswer():
            return f"{' '.join(answer.cited)} | {_found(answer.findings)} | {answer.text}"
        case SupportAnswer():
            return f"{answer.kind} {answer.score:.2f} | {answer.conflict}"
        case SeverityAnswer():
            return f"severity {answer.severity}"
        case EvasionAnswer():
            return f"found {' '.join(answer.codes)} | disguises {' '.join(answer.disguises)}"
        case PiiAnswer():
            return answer.text
    return answer.model_dump_json(exclude={"task"})


def _judged(answer: TriageAnswer) -> str:
    ranked = " ".join(f"{c.category} {c.confidence:.2f}" for c in answer.candidates[:2])
    kind = "abstained" if answer.abstained else "labels"
    shown = " ".join(label.category for label in answer.labels)
    return f"{kind} {shown} | {ranked} | {answer.sentiment} | severity {answer.severity}"


def _kind(answer: DraftAnswer | AttacksAnswer) -> str:
    refusal = f"refused: {answer.refusal}" if answer.refusal else "answered"
    return f"{refusal} | {' '.join(answer.cited)}"


def _found(findings: Iterable[DraftFinding]) -> str:
    """The checks that remarked something."""
    return " ".join(f"{one.check} {one.severity}" for one in findings)
