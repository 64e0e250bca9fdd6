"""Neither empty nor endless."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding

_LEAST = 8
_SLACK = 1.5
"""How far beyond what was asked a text may go."""


def check_length(given: Checked) -> Iterator[Finding]:
    """Empty blocks; too short or too long warns. A quoted clause may take its own length."""
    size = len(given.text.strip())
    quoted = max((len(passage.text) for passage in given.context.passages), default=0)
    most = int(given.context.parameters["max_chars"]) * _SLACK + quoted
    if size == 0:
        yield finding("empty", Severity.BLOCKING)
    elif size < _LEAST:
        yield finding("too_short", Severity.WARNING, detail=str(size))
    elif size > most:
        yield finding("too_long", Severity.WARNING, detail=str(size), span=(int(most), size))
