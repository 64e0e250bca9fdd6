"""Automatic remarks on a text, one family a file. Each check yields findings and changes nothing.

To add one: a function `(Checked) -> Iterator[Finding]` in a file here, named in `_CHECKS`; its
message keys go into the user-interface catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.domain.draft import Finding
from service.drafting.checks.causes import check_causes
from service.drafting.checks.channel import check_channel
from service.drafting.checks.checked import Checked
from service.drafting.checks.citations import check_citations, check_clause_numbers
from service.drafting.checks.disclosure import check_disclosure
from service.drafting.checks.echo import check_echo
from service.drafting.checks.fit import check_fit
from service.drafting.checks.kind import check_kind
from service.drafting.checks.language import check_language
from service.drafting.checks.length import check_length
from service.drafting.checks.links import check_links
from service.drafting.checks.numbers import check_numbers
from service.drafting.checks.obedience import check_obedience
from service.drafting.checks.ourselves import check_ourselves
from service.drafting.checks.privacy import check_privacy
from service.drafting.checks.promises import check_promises
from service.drafting.checks.register import check_register
from service.drafting.checks.support import check_support
from service.ports.engines import Redactor

__all__ = ["Checked", "check_kind", "run_checks"]

_CHECKS: tuple[Callable[[Checked], Iterator[Finding]], ...] = (
    check_length,
    check_language,
    check_citations,
    check_clause_numbers,
    check_numbers,
    check_causes,
    check_promises,
    check_links,
    check_channel,
    check_echo,
    check_obedience,
    check_register,
    check_disclosure,
    check_support,
    check_ourselves,
    check_fit,
)


def run_checks(given: Checked, redactor: Redactor) -> tuple[Finding, ...]:
    """All findings, in the order of the checks."""
    found = [finding for check in _CHECKS for finding in check(given)]
    return (*found, *check_privacy(given, redactor))
