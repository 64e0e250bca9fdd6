"""From one clustering to lasting themes: who continues whom, what was born, what was merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from retrieval.types import FloatMatrix, FloatVector
from service.domain.base import Bilingual
from service.domain.theme import (
    LinkKind,
    Theme,
    ThemeLevel,
    ThemeLink,
    ThemeMember,
    ThemeRun,
    new_links,
)
from service.ports.clock import Ids
from service.ports.engines import Cluster, Clustering
from service.ports.themes import CaseMaterial, FoundTheme, StoredFrame
from service.triage.theme_matching import Heir, Matching, match_themes

_TOPIC_KEYWORDS = 6
_NAMED = 3
_SAME_WORDS = 0.25


class Before(NamedTuple):
    """What stood before the run."""

    living: tuple[Theme, ...]
    members: Mapping[str, str]
    centres: Mapping[str, FloatVector]
    links: tuple[ThemeLink, ...]


class Drawn(NamedTuple):
    """What the run leaves behind."""

    themes: tuple[Theme, ...]
    found: tuple[FoundTheme, ...]
    members: tuple[ThemeMember, ...]
    links: tuple[ThemeLink, ...]
    retired: tuple[Theme, ...]
    """Those that went into another theme; topics that went altogether have no successor."""
    frame: StoredFrame


class _Found(NamedTuple):
    """A theme or topic of this run, before it has an id."""

    clusters: tuple[int, ...]
    cases: tuple[str, ...]
    name: Bilingual
    keywords_zh: tuple[str, ...]
    keywords_en: tuple[str, ...]


def draw_up(
    run: ThemeRun,
    fingerprint: str,
    clustering: Clustering,
    cases: Sequence[CaseMaterial],
    before: Before,
    ids: Ids,
) -> Drawn:
    """Decide what lasts; the figures of themes are counted by the store."""
    by_id = {case.case_id: case for case in cases}
    draft = _Draft(run, by_id, before, ids)
    singles = [_single(number, one, cases) for number, one in enumerate(clustering.clusters)]
    themes = draft.matched(ThemeLevel.THEME, singles, clustering.frame.centres)
    gathered = _topics(clustering.clusters, singles)
    centres = [_mean(clustering.frame.centres[list(topic.clusters)]) for topic in gathered]
    topics = draft.matched(ThemeLevel.TOPIC, gathered, np.array(centres))
    parents = {n: id for topic, id in zip(gathered, topics, strict=True) for n in topic.clusters}
    draft.attach({themes[number]: parent for number, parent in parents.items()})
    return Drawn(
        themes=tuple(draft.themes.values()),
        found=tuple(_found(clustering, themes)),
        members=_members(clustering.clusters, themes, cases),
        links=new_links(before.links, draft.links),
        retired=tuple(theme for theme in draft.themes.values() if theme.merged_into),
        frame=StoredFrame(fingerprint, tuple(themes), clustering.frame),
    )


class _Draft:
    """Themes and links as they come to be."""

    def __init__(
        self, run: ThemeRun, cases: Mapping[str, CaseMaterial], before: Before, ids: Ids
    ) -> None:
        self._run, self._cases, self._before, self._ids = run, cases, before, ids
        self._old = {theme.id: theme for theme in before.living}
        self.themes: dict[str, Theme] = {}
        self.links: list[ThemeLink] = []

    def matched(
        self, level: ThemeLevel, found: Sequence[_Found], centres: FloatMatrix
    ) -> list[str]:
        """The lasting id of each; earlier ones that end are retired."""
        old = {id for id, theme in self._old.items() if theme.level is level}
        earlier = {case: id for case, id in self._earlier(level).items() if id in old}
        matching = match_themes(
            earlier,
            [one.cases for one in found],
            old_centres={id: self._before.centres[id] for id in old & set(self._before.centres)},
            centres=centres,
            merged_by_people=frozenset(link.to_theme for link in self._before.links if link.by),
        )
        ids = [id or self._ids.new(level.value) for id in matching.ids]
        for id, one in zip(ids, found, strict=True):
            if id not in self.themes:  # the largest names it where people had merged
                self.themes[id] = self._theme(id, level, one)
        if level is ThemeLevel.THEME:
            self._descent(matching, ids)
        else:
            self._end(old - set(ids))
        return ids

    def attach(self, parents: Mapping[str, str]) -> None:
        """Hang themes under their topics; those of no topic stand alone."""
        ended = {id for id, theme in self.themes.items() if theme.retired_at}
        for id, theme in {**self._old, **self.themes}.items():
            if theme.level is not ThemeLevel.THEME:
                continue
            parent = parents.get(id)
            if id in self.themes or theme.parent_id in ended:
                self.themes[id] = theme.model_copy(update={"parent_id": parent})

    def _earlier(self, level: ThemeLevel) -> Mapping[str, str]:
        if level is ThemeLevel.THEME:
            return self._before.members
        parents = {id: theme.parent_id for id, theme in self._old.items()}
        found = {case: parents.get(id) for case, id in self._before.members.items()}
        return {case: parent for case, parent in found.items() if parent is not None}

    def _theme(self, id: str, level: ThemeLevel, found: _Found) -> Theme:
        changed = {
            "run_id": self._run.id,
            "name": found.name,
            "keywords_zh": found.keywords_zh,
            "keywords_en": found.keywords_en,
        }
        if id in self._old:
            old = self._old[id]
            story = {"story": old.story if _still_fits(old, found) else None}
            return old.model_copy(update=changed | story)
        times = [self._cases[case].last_at for case in found.cases]
        return Theme(
            id=id,
            community=self._run.community,
            level=level,
            size=len(found.cases),
            authors=len({self._cases[case].author for case in found.cases}),
            first_at=min(times),
            last_at=max(times),
            growth=1.0,
            created_at=self._run.created_at,
            **changed,
        )

    def _descent(self, matching: Matching, ids: Sequence[str]) -> None:
        at = self._run.created_at
        for heir in matching.splits:
            self.links.append(_link(heir.theme_id, ids[heir.number], LinkKind.SPLIT, heir, at))
        for heir in matching.merges:
            into = ids[heir.number]
            self.links.append(_link(heir.theme_id, into, LinkKind.MERGE, heir, at))
            ended = {"merged_into": into, "retired_at": at, "parent_id": None}
            self.themes[heir.theme_id] = self._old[heir.theme_id].model_copy(update=ended)

    def _end(self, ids: set[str]) -> None:
        for id in sorted(ids):
            ended = {"retired_at": self._run.created_at}
            self.themes[id] = self._old[id].model_copy(update=ended)


def _still_fits(theme: Theme, found: _Found) -> bool:
    """Whether a model's words still say what the theme is about."""
    old = {*theme.keywords_zh, *theme.keywords_en}
    new = {*found.keywords_zh, *found.keywords_en}
    return len(old & new) >= _SAME_WORDS * len(old | new)


def _link(earlier: str, later: str, kind: LinkKind, heir: Heir, at: datetime) -> ThemeLink:
    return ThemeLink(
        from_theme=earlier, to_theme=later, kind=kind, share=round(heir.share, 4), at=at
    )


def _single(number: int, cluster: Cluster, cases: Sequence[CaseMaterial]) -> _Found:
    return _Found(
        (number,),
        tuple(cases[row].case_id for row in cluster.members),
        cluster.name,
        cluster.keywords_zh,
        cluster.keywords_en,
    )


def _topics(clusters: Sequence[Cluster], singles: Sequence[_Found]) -> list[_Found]:
    """Groups of two themes and more, named after their largest themes."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number, cluster in enumerate(clusters):
        groups[cluster.group].append(number)
    return [_topic(numbers, singles) for _, numbers in sorted(groups.items()) if len(numbers) > 1]


def _topic(numbers: Sequence[int], singles: Sequence[_Found]) -> _Found:
    zh = _first_of_each([singles[number].keywords_zh for number in numbers])
    en = _first_of_each([singles[number].keywords_en for number in numbers])
    return _Found(
        tuple(numbers),
        tuple(case for number in numbers for case in singles[number].cases),
        Bilingual(zh=" · ".join(zh[:_NAMED]), en=" · ".join(en[:_NAMED])),
        zh,
        en,
    )


def _first_of_each(words: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one[0] for one in words))[:_TOPIC_KEYWORDS]


def _found(clustering: Clustering, ids: Sequence[str]) -> list[FoundTheme]:
    """One row a theme; where people had merged, the largest part speaks for it."""
    rows: dict[str, FoundTheme] = {}
    frame = clustering.frame
    for number, (id, cluster) in enumerate(zip(ids, clustering.clusters, strict=True)):
        size = len(cluster.members)
        rows.setdefault(
            id, FoundTheme(id, size, 0, 1.0, frame.centres[number], float(frame.reaches[number]))
        )
    return list(rows.values())


def _members(
    clusters: Sequence[Cluster], ids: Sequence[str], cases: Sequence[CaseMaterial]
) -> tuple[ThemeMember, ...]:
    return tuple(
        ThemeMember(theme_id=id, case_id=cases[row].case_id, similarity=similarity)
        for id, cluster in zip(ids, clusters, strict=True)
        for row, similarity in zip(cluster.members, cluster.similarities, strict=True)
    )


def _mean(centres: FloatMatrix) -> FloatVector:
    mean = centres.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)
