"""Links and addresses come from the ground, never from the model or the member."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.draft import Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.standing import allowed_hosts

LINK = re.compile(
    r"https?://[^\s<>\"'“”‘’（）()，。；、]+"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![@A-Za-z0-9_./-])(?:[A-Za-z0-9-]+\.)+(?:com|cn|net|org|io|app|top|xyz|info|me|cc|co|shop|site)"
    r"(?![A-Za-z0-9-])(?:/[^\s<>\"'“”（）()，。；、]*)?",
    re.IGNORECASE,
)


def check_links(given: Checked) -> Iterator[Finding]:
    """Every URL, domain and e-mail address stands in the ground or is of a host the community
    allows; one that stands in the ground and is of another host warns."""
    ground, allowed = given.ground.lower(), allowed_hosts(given.context)
    for match in LINK.finditer(given.text):
        link = match[0].rstrip(".,!?;:").lower()
        if _of(link, allowed):
            continue
        span = (match.start(), match.start() + len(link))
        if not _stands_in(link, ground):
            yield finding("unknown_link", Severity.BLOCKING, detail=link, span=span)
        elif allowed:
            yield finding("foreign_link", Severity.WARNING, detail=link, span=span)


def _of(link: str, hosts: tuple[str, ...]) -> bool:
    """Whether the link's host is one of these or below it."""
    host = re.split(r"[/?#]", link.removeprefix("https://").removeprefix("http://"))[0]
    host = host.rpartition("@")[2].partition(":")[0]
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _stands_in(link: str, ground: str) -> bool:
    """As a whole: `example.co` does not stand in `example.com`."""
    pattern = rf"(?<![a-z0-9@.-]){re.escape(link)}(?![a-z0-9-]|\.[a-z0-9])"
    return re.search(pattern, ground) is not None
