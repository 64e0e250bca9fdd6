"""The form of a brief: what was sent becomes a `PostBrief`, or an error that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from service.domain.base import Lang
from service.domain.calendar import SeriesPlan
from service.domain.post import PostBrief, PostVariant
from service.domain.post_inputs import refuse
from service.domain.post_kind import ChannelFormat, PostKind
from service.web.uploads import read_upload

_PROBLEMS = {
    "string_too_short": "required",
    "too_short": "required",
    "string_too_long": "too_long",
    "too_long": "too_long",
}


async def filled(data: FormData) -> dict[str, str]:
    """The fields of a form; a file stands for the text of the field it belongs to.

    Raises:
        InvalidInput: a file is empty, or no text; `details` name the field.
    """
    form = {name: value for name, value in data.items() if isinstance(value, str)}
    for name, value in data.items():
        if isinstance(value, UploadFile) and value.filename:
            _, _, content = await read_upload(value)
            form[name.removesuffix(".file")] = _decoded(name.removesuffix(".file"), content)
    return form


def _decoded(field: str, content: bytes) -> str:
    """UTF-8, or what Chinese sites used before it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise refuse(field, "unreadable")


def brief_of(form: Mapping[str, str], kind: PostKind, zone: ZoneInfo) -> PostBrief:
    """What was filled in; days and times are the community's own.

    Raises:
        InvalidInput: `details` name the field and the problem.
    """
    try:
        return PostBrief(
            kind=kind.id,
            lang=_lang(form),
            title=form.get("title", "").strip(),
            points=_lines(form.get("points", "")),
            inputs={one.name: form.get(f"inputs.{one.name}", "") for one in kind.inputs},
            start=_day(form, "start", zone),
            end=_day(form, "end", zone, after=timedelta(days=1)),
            subject=form.get("subject", "").strip(),
            audience=form.get("audience", "").strip(),
            tone=form.get("tone", "").strip(),
            variants=_variants(form),
            not_before=_moment(form, "not_before", zone),
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise refuse(field, _PROBLEMS.get(first["type"], "unreadable")) from error


def plan_of(form: Mapping[str, str], brief: PostBrief, zone: ZoneInfo) -> SeriesPlan:
    """The brief as a series, from the moment in `not_before` on.

    Raises:
        InvalidInput: `details` name the field and the problem.
    """
    if brief.not_before is None:
        raise refuse("not_before", "required")
    first = brief.not_before.astimezone(zone).replace(tzinfo=None)
    try:
        return SeriesPlan.model_validate(
            {
                "brief": brief.model_copy(update={"not_before": None, "start": None, "end": None}),
                "repeat": {"every": form.get("every", "week")},
                "first": first,
                "period": form.get("looks_back", "none"),
                "lead_hours": form.get("lead_hours") or 24,
            }
        )
    except ValidationError as error:
        raise refuse("repeat", "unreadable") from error


def _lang(form: Mapping[str, str]) -> Lang:
    try:
        return Lang(form.get("lang", "zh"))
    except ValueError as error:
        raise refuse("lang", "choice") from error


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _variants(form: Mapping[str, str]) -> tuple[PostVariant, ...]:
    return tuple(
        PostVariant(format=one, channel=form.get(f"channel.{one}", "").strip())
        for one in ChannelFormat
        if form.get(f"format.{one}")
    )


def _day(
    form: Mapping[str, str], field: str, zone: ZoneInfo, after: timedelta = timedelta()
) -> datetime | None:
    """Midnight at the begin of the day; the last day of a period ends a day later."""
    if not (value := form.get(field, "").strip()):
        return None
    try:
        return datetime.combine(date.fromisoformat(value) + after, time(), zone)
    except (ValueError, OverflowError) as error:
        raise refuse(field, "date") from error


def _moment(form: Mapping[str, str], field: str, zone: ZoneInfo) -> datetime | None:
    if not (value := form.get(field, "").strip()):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=zone)
    except ValueError as error:
        raise refuse(field, "datetime") from error
