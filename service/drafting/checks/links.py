"""Links and addresses come from the ground, never from the model or the member."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding

LINK = re.compile(
    r"https?://[^\s<>\"'“”‘’（）()，。；、]+"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![@A-Za-z0-9_./-])(?:[A-Za-z0-9-]+\.)+(?:com|cn|net|org|io|app|top|xyz|info|me|cc|co|shop|site)"
    r"(?![A-Za-z0-9-])(?:/[^\s<>\"'“”（）()，。；、]*)?",
    re.IGNORECASE,
)


def check_links(given: Checked) -> Iterator[Finding]:
    """Every URL, domain and e-mail address must stand in the ground."""
    ground = given.ground.lower()
    for match in LINK.finditer(given.text):
        link = match[0].rstrip(".,!?;:").lower()
        if not _stands_in(link, ground):
            span = (match.start(), match.start() + len(link))
            yield finding("unknown_link", Severity.BLOCKING, detail=link, span=span)


def _stands_in(link: str, ground: str) -> bool:
    """As a whole: `example.co` does not stand in `example.com`."""
    pattern = rf"(?<![a-z0-9@.-]){re.escape(link)}(?![a-z0-9-]|\.[a-z0-9])"
    return re.search(pattern, ground) is not None
