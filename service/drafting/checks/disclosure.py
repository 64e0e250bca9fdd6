"""A community that says how its texts are drafted says so in every one."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.standing import discloses


def check_disclosure(given: Checked) -> Iterator[Finding]:
    """The disclosure stands in the text as the community worded it."""
    if given.text.strip() and not discloses(given.context, given.text):
        yield finding("undisclosed", Severity.WARNING)
