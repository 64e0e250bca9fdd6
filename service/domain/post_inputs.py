"""A brief against its kind: every value read by its type, every mistake named by its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.domain.fact import LONGEST
from service.domain.post import PostBrief, PostVariant
from service.domain.post_kind import BriefField, FieldType, Need, PostKind, SubjectType
from service.domain.taxonomy import Department
from service.errors import InvalidInput

PROBLEMS: Mapping[str, str] = {
    "required": "is required",
    "unwanted": "is not part of this kind of post",
    "too_long": "is too long",
    "line": "must be one line",
    "date": "must be a day, such as 2026-12-01",
    "datetime": "must be a time, such as 2026-12-01T18:00",
    "int": "must be a whole number within the bounds",
    "choice": "must be one of the choices",
    "url": "must be an http or https address",
    "feed": "must be an RSS or Atom feed with at least one item",
    "order": "must end after it begins",
    "period": "must be at most 366 days after the begin, in this century",
    "format": "is a form this kind of post does not have",
    "unreadable": "cannot be read",
    "repeated": "holds the same form and channel twice",
}
"""What can be wrong with a field; the page has these in both languages."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def refuse(field: str, problem: str) -> InvalidInput:
    """The error for one field; `details` name it and the problem for a page or a program."""
    return InvalidInput(f"{field} {PROBLEMS[problem]}.", field=field, problem=problem)


def accept(kind: PostKind, brief: PostBrief, zone: ZoneInfo) -> PostBrief:
    """The brief with its values in normal form and its variants filled in.

    Args:
        zone: of the community; times without an offset are its own.

    Raises:
        InvalidInput: `details` name the field and the problem.
    """
    _check_need("points", kind.points, bool(brief.points))
    _check_period(kind, brief)
    inputs = _inputs(kind, brief.inputs, zone)
    return brief.model_copy(
        update={
            "inputs": inputs,
            "subject": _subject(kind, brief.subject.strip()),
            "variants": _variants(kind, brief),
        }
    )


def _inputs(kind: PostKind, given: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    for name in given:
        if kind.input(name) is None:
            raise refuse(f"inputs.{name[:40]}", "unwanted")
    read = {one.name: _value(one, given.get(one.name, ""), zone) for one in kind.inputs}
    return {name: value for name, value in read.items() if value}


def _value(field: BriefField, raw: str, zone: ZoneInfo) -> str:
    where = f"inputs.{field.name}"
    text = _CONTROL.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        if field.required:
            raise refuse(where, "required")
        return ""
    if len(text) > field.max_length:
        raise refuse(where, "too_long")
    try:
        return _READERS[field.type](field, text, zone)
    except (ValueError, OverflowError) as error:
        raise refuse(where, field.type.value) from error


def _line(_: BriefField, text: str, __: ZoneInfo) -> str:
    if "\n" in text:
        raise ValueError("line break")
    return text


def _text(_: BriefField, text: str, __: ZoneInfo) -> str:
    return text


def _lines(_: BriefField, text: str, __: ZoneInfo) -> str:
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


def _date(_: BriefField, text: str, __: ZoneInfo) -> str:
    return date.fromisoformat(text).isoformat()


def _datetime(_: BriefField, text: str, zone: ZoneInfo) -> str:
    if len(text) < len("2026-12-01T18"):
        raise ValueError("a day without a time")
    at = datetime.fromisoformat(text)
    local = at.astimezone(zone).replace(tzinfo=None) if at.tzinfo else at
    return local.isoformat(timespec="minutes")


def _int(field: BriefField, text: str, _: ZoneInfo) -> str:
    if not re.fullmatch(r"[0-9]{1,12}", text) or not field.least <= int(text) <= field.most:
        raise ValueError("no whole number")
    return str(int(text))


def _choice(field: BriefField, text: str, _: ZoneInfo) -> str:
    if text not in {one.value for one in field.choices}:
        raise ValueError("no such choice")
    return text


def _url(_: BriefField, text: str, __: ZoneInfo) -> str:
    if not is_public_link(text):
        raise ValueError("no address")
    return text


_READERS: Mapping[FieldType, Callable[[BriefField, str, ZoneInfo], str]] = {
    FieldType.LINE: _line,
    FieldType.TEXT: _text,
    FieldType.LINES: _lines,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.INT: _int,
    FieldType.CHOICE: _choice,
    FieldType.URL: _url,
    FieldType.FEED: _text,
}


def is_public_link(text: str) -> bool:
    """Whether it is a plain web address: http or https, a host, no user name, no spaces."""
    if re.search(r"[\s<>\"'\\]", text):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and "." in (parts.hostname or "")
            and (parts.username is None)
        )
    except ValueError:
        return False


def _check_need(field: str, need: Need, given: bool) -> None:
    if need is Need.REQUIRED and not given:
        raise refuse(field, "required")
    if need is Need.NONE and given:
        raise refuse(field, "unwanted")


def _check_period(kind: PostKind, brief: PostBrief) -> None:
    for field, at in (("start", brief.start), ("end", brief.end)):
        whole = brief.start is not None or brief.end is not None
        need = Need.REQUIRED if whole and kind.period is Need.OPTIONAL else kind.period
        _check_need(field, need, at is not None)
    if brief.start is None or brief.end is None:
        return
    if brief.end <= brief.start:
        raise refuse("end", "order")
    if brief.end - brief.start > LONGEST or not 2000 <= brief.start.year <= 2100:
        raise refuse("end", "period")


def _subject(kind: PostKind, subject: str) -> str:
    _check_need("subject", kind.subject.need if kind.subject else Need.NONE, bool(subject))
    if "\n" in subject:
        raise refuse("subject", "line")
    department = kind.subject is not None and kind.subject.type is SubjectType.DEPARTMENT
    if department and subject and subject not in {one.value for one in Department}:
        raise refuse("subject", "choice")
    return subject


def _variants(kind: PostKind, brief: PostBrief) -> tuple[PostVariant, ...]:
    usual = PostVariant(format=kind.default_format, channel=brief.channel)
    variants = brief.variants or (usual,)
    for index, one in enumerate(variants):
        if one.format not in kind.lengths:
            raise refuse(f"variants.{index}.format", "format")
    if len(set(variants)) < len(variants):
        raise refuse("variants", "repeated")
    return variants
