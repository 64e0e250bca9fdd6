"""What an incident is called, what to do about it, and what its holding statement is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request

from service.domain.alert import Metric, MetricKind
from service.domain.base import Bilingual, Lang
from service.domain.post import PostBrief
from service.flows.incidents import IncidentRoom
from service.web.render import pages_of
from service.web.state import application_of


def playbook(request: Request, room: IncidentRoom, lang: Lang) -> tuple[str, ...]:
    """Steps for the kinds of series that stand out, each once, the gravest kind first."""
    catalogue = pages_of(request).catalogue
    kinds = dict.fromkeys(
        alert.metric.kind for alert in sorted(room.alerts, key=lambda one: -one.level)
    )
    texts = (catalogue.term(lang, "playbook", kind.value) for kind in kinds)
    return tuple(dict.fromkeys(step for text in texts for step in text.splitlines() if step))


async def theme_titles(
    request: Request, community: str, metrics: Iterable[Metric]
) -> Mapping[str, Bilingual]:
    """Names of the themes among the metrics, where enough people stand behind them."""
    application = application_of(request)
    ids = {metric.key for metric in metrics if metric.kind is MetricKind.THEME}
    if not ids:
        return {}
    return await application.insights.theme_names(
        community, ids, min_authors=application.settings.themes.min_authors
    )


def metric_title(
    request: Request, metric: Metric, lang: Lang, themes: Mapping[str, Bilingual]
) -> str:
    """What a series is called."""
    pages = pages_of(request)
    if metric.kind is MetricKind.CATEGORY:
        return pages.category_title(lang, metric.key)
    name = pages.catalogue.term(lang, "metric", metric.kind.value)
    if metric.kind is MetricKind.THEME and metric.key in themes:
        return f"{name} · {themes[metric.key].get(lang)}"
    return name


def holding_brief(
    request: Request, room: IncidentRoom, lang: Lang, points: tuple[str, ...]
) -> PostBrief:
    """A brief for the post desk; without points of a person's own, only that we see it."""
    catalogue = pages_of(request).catalogue
    topics = {
        metric_title(request, alert.metric, lang, {})
        for alert in room.alerts
        if alert.metric.kind is MetricKind.CATEGORY
    }
    whole = catalogue.term(lang, "metric", MetricKind.VOLUME.value)
    named = catalogue.text(lang, "incident.and").join(sorted(topics)) or whole
    seen = catalogue.text(lang, "incident.holding_seen", topics=named)
    told = points or (seen, catalogue.text(lang, "incident.holding_next"))
    title = catalogue.text(lang, "incident.holding_title")
    return PostBrief(kind="holding", lang=lang, title=title, points=told, subject=room.incident.id)


def local_time(at: datetime, zone: str) -> str:
    """A moment in the community's own time."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
