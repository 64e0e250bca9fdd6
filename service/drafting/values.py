"""The values of a brief as a draft rests on them: redacted, labelled, dates spoken out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.domain.base import Bilingual, Lang
from service.domain.feed import FeedItem, from_lines, to_lines
from service.domain.post import BriefValue, PostBrief
from service.domain.post_kind import BriefField, FieldType, PostKind, Subject, SubjectType
from service.domain.taxonomy import Department
from service.drafting.days import spoken_day, spoken_time
from service.ports.engines import Redactor

_PERIOD = Bilingual(zh="时间", en="Period")
_TO = {Lang.ZH: "至", Lang.EN: " to "}

DEPARTMENTS = {
    Department.MARKET: Bilingual(zh="市场", en="Market"),
    Department.PRODUCT: Bilingual(zh="产品", en="Product"),
    Department.SUPPORT: Bilingual(zh="客服", en="Support"),
    Department.OPERATIONS: Bilingual(zh="运营", en="Operations"),
    Department.PARTNERS: Bilingual(zh="合作", en="Partnerships"),
    Department.LEGAL: Bilingual(zh="法务", en="Legal"),
}
"""What a post calls a department."""


def brief_values(
    kind: PostKind, brief: PostBrief, zone: ZoneInfo, redactor: Redactor
) -> tuple[BriefValue, ...]:
    """Subject and period first, then the inputs in the kind's order; empty ones are left out, and
    so is the id of an incident, which readers have no use for.

    Args:
        zone: of the community, for the days of the period.
    """
    return (*_about(kind, brief, zone, redactor), *_inputs(kind, brief, redactor))


def _about(
    kind: PostKind, brief: PostBrief, zone: ZoneInfo, redactor: Redactor
) -> Iterator[BriefValue]:
    if kind.subject and brief.subject and kind.subject.type is not SubjectType.INCIDENT:
        shown = _subject(kind.subject, redactor.redact(brief.subject).text, brief.lang)
        yield _value("subject", FieldType.LINE, kind.subject.label, brief.lang, shown)
    if brief.start and brief.end:
        shown = _period(brief.start, brief.end, zone, brief.lang)
        yield _value("period", FieldType.LINE, _PERIOD, brief.lang, shown)


def _inputs(kind: PostKind, brief: PostBrief, redactor: Redactor) -> Iterator[BriefValue]:
    for field in kind.inputs:
        if raw := brief.inputs.get(field.name, ""):
            value = _redacted(field, raw, redactor)
            shown = _shown(field, value, brief.lang)
            yield _value(field.name, field.type, field.label, brief.lang, shown, value)


def _redacted(field: BriefField, raw: str, redactor: Redactor) -> str:
    """Dates and choices have a grammar in which no personal data fits; an item keeps its link."""
    if field.type in (FieldType.DATE, FieldType.DATETIME, FieldType.CHOICE):
        return raw
    if field.type is FieldType.FEED:
        return to_lines(tuple(_clean(item, redactor) for item in from_lines(raw)))
    return redactor.redact(raw).text


def _clean(item: FeedItem, redactor: Redactor) -> FeedItem:
    title, summary = (redactor.redact(text).text for text in (item.title, item.summary))
    return item.model_copy(update={"title": title, "summary": summary})


def _value(
    name: str, kind: FieldType, label: Bilingual, lang: Lang, shown: str, value: str | None = None
) -> BriefValue:
    return BriefValue(
        name=name,
        type=kind,
        label=label.get(lang),
        value=shown if value is None else value,
        shown=shown,
    )


def _shown(field: BriefField, value: str, lang: Lang) -> str:
    if field.type is FieldType.DATE:
        return spoken_day(date.fromisoformat(value), lang)
    if field.type is FieldType.DATETIME:
        return spoken_time(datetime.fromisoformat(value), lang)
    if field.type is FieldType.FEED:
        return "\n".join(_told(item, lang) for item in from_lines(value))
    titles = {one.value: one.title.get(lang) for one in field.choices}
    return titles.get(value, value)


def _subject(subject: Subject, text: str, lang: Lang) -> str:
    if subject.type is SubjectType.DEPARTMENT and text in list(Department):
        return DEPARTMENTS[Department(text)].get(lang)
    return text


def _period(start: datetime, end: datetime, zone: ZoneInfo, lang: Lang) -> str:
    """Its first and last day; the end is exclusive."""
    first = start.astimezone(zone).date()
    last = (end - timedelta(seconds=1)).astimezone(zone).date()
    days = [spoken_day(day, lang) for day in dict.fromkeys((first, max(first, last)))]
    return _TO[lang].join(days)


def _told(item: FeedItem, lang: Lang) -> str:
    """Title and day, summary, link, a line each; what others wrote stands in quotation marks."""
    zh = lang is Lang.ZH
    day = spoken_day(item.day, lang) if item.day else ""
    dated = (f"，发布于{day}" if zh else f", published {day}") if day else ""
    head = f"· 《{item.title}》{dated}" if zh else f"· “{item.title}”{dated}"
    summary = (f"摘要：“{item.summary}”" if zh else f"Summary: “{item.summary}”") * bool(
        item.summary
    )
    source = f"出处：{item.link}" if zh else f"Source: {item.link}"
    return "\n".join(line for line in (head, summary if item.summary else "", source) if line)
