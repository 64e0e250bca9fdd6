"""An incident as a Markdown file: computed numbers, the timeline, a few redacted messages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fastapi import Request

from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.incident import EntryKind
from service.errors import NotFound
from service.flows.incidents import IncidentRoom
from service.web.incident_texts import local_time, metric_title, theme_titles
from service.web.render import pages_of
from service.web.state import application_of

SAMPLES = 5
"""Messages quoted at most; never fewer than so many distinct authors stand behind an alert."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~$=:@])")


class _Given(NamedTuple):
    request: Request
    room: IncidentRoom
    community: Community
    lang: Lang
    themes: Mapping[str, Bilingual]
    samples: tuple[str, ...]

    def text(self, key: str, **values: object) -> str:
        return pages_of(self.request).catalogue.text(self.lang, key, **values)

    def without_personal_data(self, text: str) -> str:
        return application_of(self.request).redactor.redact(text).text

    def fact(self, name: str) -> str:
        """The name of a figure."""
        return self.term("incident_fact", name)

    def term(self, family: str, value: object) -> str:
        return pages_of(self.request).catalogue.term(self.lang, family, value)


async def export_of(request: Request, room: IncidentRoom, lang: Lang) -> str:
    """The file.

    Raises:
        NotFound: the community is gone.
    """
    application = application_of(request)
    async with application.uow() as uow:
        community = await uow.communities.get(room.incident.community)
    if community is None:
        raise NotFound("There is no such community.")
    wanted = [case for alert in room.alerts for case in alert.evidence]
    found = await application.insights.excerpts(wanted)
    samples = tuple(dict.fromkeys(found[case] for case in wanted if case in found))[:SAMPLES]
    themes = await theme_titles(request, community.id, (alert.metric for alert in room.alerts))
    return "\n".join(_lines(_Given(request, room, community, lang, themes, samples))) + "\n"


def quoted(text: str) -> str:
    """Somebody's words as one quoted line, with nothing left that Markdown or HTML would act on."""
    plain = html.escape(" ".join(text.split()), quote=False)
    return "> " + _SPECIAL.sub(r"\\\1", plain)


def _lines(given: _Given) -> Iterator[str]:
    incident = given.room.incident
    name = given.community.name.get(given.lang)
    title = given.text("incident.export_title", community=name)
    yield f"# {title}"
    yield ""
    level = given.term("level", incident.level)
    yield f"- {given.fact('level')}: {incident.level} ({level})"
    status = given.term("incident_status", incident.status.value)
    yield f"- {given.fact('status')}: {status}"
    for label, at in (
        ("opened", incident.opened_at),
        ("acknowledged", incident.acknowledged_at),
        ("closed", incident.closed_at),
    ):
        if at is not None:
            yield f"- {given.fact(label)}: {local_time(at, given.community.timezone)}"
    if incident.acknowledged_at is not None:
        minutes = (incident.acknowledged_at - incident.opened_at).total_seconds() / 60
        yield f"- {given.text('incident.minutes_to_ack')}: {minutes:.0f}"
    yield from _alerts(given)
    yield from _timeline(given)
    yield from _samples(given)


def _alerts(given: _Given) -> Iterator[str]:
    heads = ("series", "level", "baseline", "observed", "people", "since", "until")
    yield from ("", f"## {given.text('incident.alerts')}", "")
    yield "| " + " | ".join(given.fact(head) for head in heads) + " |"
    yield "|" + "---|" * len(heads)
    zone = given.community.timezone
    for alert in given.room.alerts:
        title = metric_title(given.request, alert.metric, given.lang, given.themes)
        cells = (
            title.replace("|", " "), alert.level, f"{alert.baseline:.1f}", alert.observed,
            alert.authors, local_time(alert.started_at, zone), local_time(alert.last_at, zone),
        )  # fmt: skip
        yield "| " + " | ".join(map(str, cells)) + " |"


def _timeline(given: _Given) -> Iterator[str]:
    yield from ("", f"## {given.text('incident.timeline')}", "")
    for entry in given.room.entries:
        what = given.term("incident_entry", entry.kind.value)
        at = local_time(entry.at, given.community.timezone)
        yield f"- {at} · {what} · {given.fact('level')} {entry.level}"
        if entry.note and entry.kind is not EntryKind.OPENED:
            yield f"  {quoted(given.without_personal_data(entry.note))}"


def _samples(given: _Given) -> Iterator[str]:
    if not given.samples:
        return
    yield from ("", f"## {given.text('incident.samples')}", "")
    for sample in given.samples:
        yield from (quoted(sample), "")
