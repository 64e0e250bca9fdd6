"""A machine says nothing of the desk that no source says."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.draft import Finding, Origin, Severity
from service.domain.support import SupportKind
from service.drafting.checks.checked import Checked, finding
from service.drafting.support.claims import of_ourselves


def check_ourselves(given: Checked) -> Iterator[Finding]:
    """Blocks what a machine's text says we do, did or think: it read, passed on and promised
    nothing, and repeats what a member said of himself as if it were our own. A sentence that claims
    a rule is left to the comparison with the clauses."""
    if given.composition.origin is not Origin.MODEL:
        return
    for one in given.support.of_kind(SupportKind.COURTESY):
        if of_ourselves(given.text[one.start : one.end]):
            yield finding("own_act", Severity.BLOCKING, span=(one.start, one.end))
