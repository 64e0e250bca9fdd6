"""One drafted text with everything counted of it, a line each; a run goes on where it stopped."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from evals.errors import RunMismatch
from service.domain.base import Frozen, Lang
from service.domain.draft import Composition, Finding, Severity
from service.domain.support import SupportKind, SupportLedger


class Part(StrEnum):
    """Where the text to be drafted for came from."""

    REPLY = "reply"
    POST = "post"
    RULES = "rules"
    HOSTILE = "hostile"


OWN = frozenset({Part.REPLY, Part.POST})
"""Parts whose texts are ours; of the others, ids and verdicts alone are kept."""


class Found(Frozen):
    """A finding, with the words it is about."""

    check: str
    severity: Severity
    detail: str = ""


class Row(Frozen):
    """`topic` is the category or the kind of post; times are seconds."""

    id: str
    part: Part
    writer: str
    lang: Lang
    topic: str = ""
    member: str = ""
    text: str = ""
    citations: tuple[str, ...] = ()
    refusal: str | None = None
    origin: str = ""
    degraded: str | None = None
    findings: tuple[Found, ...] = ()
    unsupported: tuple[str, ...] = ()
    unsupported_count: int = 0
    severity_lowered: bool = False
    error: str = ""
    seconds: float = 0.0
    model_seconds: float = 0.0
    asked: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


def row_of(
    row: Row, composition: Composition, findings: tuple[Finding, ...], support: SupportLedger
) -> Row:
    """The row with what was written and found; texts only where they are ours."""
    own, text = row.part in OWN, composition.text
    claims = support.of_kind(SupportKind.UNSUPPORTED)
    return row.model_copy(
        update={
            "text": text if own else "",
            "member": row.member if own else "",
            "citations": tuple(one.clause_id for one in composition.citations),
            "refusal": composition.refusal,
            "origin": composition.origin.value,
            "degraded": composition.degraded_because,
            "findings": tuple(
                Found(check=f.check, severity=f.severity, detail=f.detail if own else "")
                for f in findings
            ),
            "unsupported": tuple(text[one.start : one.end] for one in claims) if own else (),
            "unsupported_count": len(claims),
        }
    )


def load_rows(path: Path, writer: str) -> list[Row]:
    """Rows of an earlier run; a line it broke off in is taken out of the file.

    Raises:
        RunMismatch: another writer made them, or a line is none of ours.
    """
    if not path.exists():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    try:
        rows = [Row.model_validate_json(line) for line in whole.splitlines()]
    except ValidationError as error:
        raise RunMismatch(f"{path} is no file of drafts; name another with --out.") from error
    if others := {row.writer for row in rows} - {writer}:
        raise RunMismatch(f"{path} was written by {min(others)}, now {writer}: use another --out.")
    if len(whole) < len(raw):
        path.write_bytes(whole)
    return rows


def append(path: Path, row: Row) -> None:
    """Add one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(row.model_dump_json() + "\n")
