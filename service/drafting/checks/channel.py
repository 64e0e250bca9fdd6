"""Preflight: whether the text fits the place it goes to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.channel import Markup, Platform, Unit
from service.domain.draft import DraftKind, Finding, Severity
from service.drafting.checks.checked import Checked, finding
from service.drafting.checks.links import LINK
from service.drafting.platforms import platforms

_HEAVY = re.compile(
    r"^#{1,6}[ \t]+\S|^\|?[ \t]*:?-{3,}:?[ \t]*\|[-|: \t]*$|!\[[^\]\n]*\]\([^)\n]+\)", re.MULTILINE
)
_LIGHT = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__|\[[^\]\n]+\]\([^)\n]+\)|`[^`\n]+`")
_EVERYONE = re.compile(
    r"@(?:所有人|全体成员|everyone\b|here\b|all\b|channel\b)", re.IGNORECASE | re.ASCII
)


def check_channel(given: Checked) -> Iterator[Finding]:
    """What the platform would refuse blocks; what would look wrong there warns. Calling everybody
    is always a person's own doing."""
    for match in _EVERYONE.finditer(given.text):
        if match[0] in given.ground:
            continue  # a clause about it, quoted
        yield finding("calls_everyone", Severity.BLOCKING, detail=match[0], span=match.span())
    platform = platforms().get(given.context.parameters.get("platform", ""))
    if platform is None or given.context.kind is not DraftKind.POST:
        return
    yield from _length(given.text, platform)
    yield from _title(given.text, platform)
    yield from _markup(given.text, platform)
    yield from _links(given.text, platform)
    if platform.picture:
        yield finding("channel_picture", Severity.INFO, detail=platform.id)
    if platform.manual:
        yield finding("channel_manual", Severity.INFO, detail=platform.id)


def _length(text: str, platform: Platform) -> Iterator[Finding]:
    size = len(text.encode()) if platform.unit is Unit.BYTES else len(text)
    if platform.most is not None and size > platform.most:
        detail = f"{size} / {platform.most} {platform.unit.value}"
        yield finding("channel_length", Severity.BLOCKING, detail=detail)
    elif platform.advised is not None and len(text) > platform.advised:
        detail = f"{len(text)} / {platform.advised}"
        yield finding("channel_long", Severity.WARNING, detail=detail)


def _title(text: str, platform: Platform) -> Iterator[Finding]:
    first = text.strip().partition("\n")[0].strip()
    if platform.title_most is not None and len(first) > platform.title_most:
        start = text.find(first)
        detail = f"{len(first)} / {platform.title_most}"
        span = (start, start + len(first))
        yield finding("channel_title", Severity.BLOCKING, detail=detail, span=span)


def _markup(text: str, platform: Platform) -> Iterator[Finding]:
    """The first mark of each sort that would show as it stands."""
    unshown = {Markup.PLAIN: (_HEAVY, _LIGHT), Markup.LIGHT: (_HEAVY,), Markup.MARKDOWN: ()}
    for pattern in unshown[platform.markup]:
        if match := pattern.search(text):
            yield finding("channel_markup", Severity.WARNING, detail=match[0], span=match.span())


def _links(text: str, platform: Platform) -> Iterator[Finding]:
    if platform.links:
        return
    for match in LINK.finditer(text):
        yield finding("channel_link", Severity.BLOCKING, detail=match[0], span=match.span())
