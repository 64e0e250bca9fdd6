"""No personal data, and no token that stands for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.ports.engines import Redactor

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*_\d+\]|\[[a-z]+(?:_[a-z]+)+\]|\{[a-z_]+\}")


def check_privacy(given: Checked, redactor: Redactor) -> Iterator[Finding]:
    """Personal data blocks, unless it is public in the ground, such as a help address."""
    for span in redactor.redact(given.text).spans:
        if given.text[span.start : span.end] not in given.ground:
            yield finding(
                "personal_data", Severity.BLOCKING, detail=span.kind, span=(span.start, span.end)
            )
    for match in _PLACEHOLDER.finditer(given.text):
        yield finding("placeholder", Severity.BLOCKING, detail=match[0], span=match.span())
