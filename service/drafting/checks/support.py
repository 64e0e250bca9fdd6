"""What a sentence claims is said by the clauses, the facts or the brief."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.draft import Finding, Origin, Severity
from service.domain.support import Conflict, SentenceSupport, SupportKind
from service.drafting.checks.checked import Checked, finding

_KEYS = {
    Conflict.NONE: "unsupported_claim",
    Conflict.NUMBER: "claim_number",
    Conflict.POLARITY: "claim_polarity",
    Conflict.SCOPE: "claim_scope",
    Conflict.EXCEPTION: "claim_exception",
    Conflict.MODEL: "claim_denied",
    Conflict.PROMISE: "claim_promise",
}


def check_support(given: Checked) -> Iterator[Finding]:
    """An unsupported claim blocks and names the clause it differs from; an uncertain one warns, and
    blocks in a model's text that nobody edited; a clause that is cited and carries no sentence is
    remarked."""
    written = given.composition.origin is Origin.MODEL
    doubt = Severity.BLOCKING if written else Severity.WARNING
    for one in given.support.sentences:
        if one.kind is SupportKind.UNSUPPORTED:
            yield _remark(given, one, _KEYS[one.conflict], Severity.BLOCKING)
        elif one.kind is SupportKind.UNCERTAIN:
            yield _remark(given, one, "uncertain_claim", doubt)
    carrying = {one.source for one in given.support.sentences}
    for citation in given.composition.citations if carrying else ():
        if citation.clause_id not in carrying:
            yield finding("citation_idle", Severity.INFO, detail=_name(given, citation.clause_id))


def _remark(given: Checked, one: SentenceSupport, key: str, severity: Severity) -> Finding:
    name = _name(given, one.source) if one.conflict is not Conflict.NONE else ""
    return finding("support", severity, key=key, detail=name, span=(one.start, one.end))


def _name(given: Checked, source: str | None) -> str:
    """Title and number of a clause; other sources need no name."""
    for passage in given.context.passages:
        if passage.clause_id == source:
            return f"{passage.document_title} {passage.number}".strip()
    return ""
