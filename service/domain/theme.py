"""Themes: what many cases are about, found again and again under one lasting id."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from service.domain.base import Bilingual, Frozen, Instant


class ThemeLevel(StrEnum):
    """A theme holds cases; a topic holds themes."""

    THEME = "theme"
    TOPIC = "topic"


class ThemeStatus(StrEnum):
    """What people make of a theme."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    IGNORED = "ignored"


class ThemeStory(Frozen):
    """What a model wrote of a theme: a name and one sentence, from the keywords and samples it
    was given under the template."""

    name: Bilingual
    summary: Bilingual
    model: str
    template: str
    at: Instant


class Theme(Frozen):
    """A lasting theme; its figures are those of the newest run that found it.

    `given_name`, `owner` and `status` are set by people and survive every run. `size` is 0 while
    no run finds it. A retired theme was merged into another and takes no more cases.
    """

    id: str
    community: str
    level: ThemeLevel = ThemeLevel.THEME
    run_id: str
    name: Bilingual
    story: ThemeStory | None = None
    given_name: Bilingual | None = None
    owner: str | None = None
    status: ThemeStatus = ThemeStatus.OPEN
    parent_id: str | None = None
    keywords_zh: tuple[str, ...]
    keywords_en: tuple[str, ...]
    size: int
    authors: int
    first_at: Instant
    last_at: Instant
    growth: float
    """Cases of the last 7 days over those of the 7 days before (both plus one)."""
    created_at: Instant
    merged_into: str | None = None
    retired_at: Instant | None = None

    @property
    def shown_name(self) -> Bilingual:
        """A person's name before a model's before the keywords."""
        return self.given_name or (self.story.name if self.story else self.name)


class ThemeMember(Frozen):
    """The theme a case is in now; `similarity` is to the theme's centre."""

    theme_id: str
    case_id: str
    similarity: float


class ThemeRun(Frozen):
    """One clustering of a community."""

    id: str
    community: str
    clustered: int
    unclustered: int
    created_at: Instant

    @property
    def unclustered_share(self) -> float:
        """Cases in no theme, of those looked at; 0 to 1."""
        return self.unclustered / max(1, self.clustered + self.unclustered)


class LinkKind(StrEnum):
    """How one theme came from another."""

    SPLIT = "split"
    MERGE = "merge"


class ThemeLink(Frozen):
    """A fact of descent: cases of `from_theme` went on in `to_theme`.

    `share` is that of the earlier theme's cases; `by` is the person who merged, None for a run.
    """

    from_theme: str
    to_theme: str
    kind: LinkKind
    share: float
    by: str | None = None
    at: Instant


class ThemeChange(Frozen):
    """What a person set on a theme; `change` holds the fields that were given."""

    id: str
    theme_id: str
    by: str
    change: dict[str, object]
    at: Instant


def descends(links: Collection[ThemeLink], later: str, earlier: str) -> bool:
    """Whether `later` came from `earlier`, over any number of links."""
    children: dict[str, set[str]] = {}
    for link in links:
        children.setdefault(link.from_theme, set()).add(link.to_theme)
    waiting, seen = [earlier], {earlier}
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return later in seen


def new_links(known: Collection[ThemeLink], found: Iterable[ThemeLink]) -> tuple[ThemeLink, ...]:
    """Those of the links that keep descent without circles, one a pair.

    A part that returns to the theme it split from would close a circle; that it was merged is
    kept on the theme itself.
    """
    lineage = list(known)
    pairs = {(link.from_theme, link.to_theme) for link in lineage}
    for link in found:
        pair = (link.from_theme, link.to_theme)
        if pair not in pairs and not descends(lineage, link.from_theme, link.to_theme):
            lineage.append(link)
            pairs.add(pair)
    return tuple(lineage[len(known) :])
