"""Pages: templates, and the few helpers they have. Autoescaping is on; no data skips it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.review import RejectReason
from service.web.here import here_of
from service.web.i18n import Catalogue
from service.web.places import groups_for
from service.web.viewer import Viewer

_TEMPLATES = Path(__file__).parent / "templates"

_CHINESE_DATE, _ENGLISH_DATE = "%m月%d日 %H:%M", "%d %b %H:%M"


class Frame:
    """What pages of every application share: their texts and compiled templates."""

    def __init__(self, static: Path) -> None:
        self.catalogue = Catalogue()
        self.environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        version = _version(static)
        self.environment.globals.update(
            static=lambda name: f"/static/{name}?v={version}",
            langs=tuple(Lang),
            reject_reasons=tuple(RejectReason),
        )


class Pages:
    """Renders templates for a viewer."""

    def __init__(self, application: Application, frame: Frame) -> None:
        self._application = application
        self.catalogue, self._environment = frame.catalogue, frame.environment

    def page(
        self,
        request: Request,
        viewer: Viewer,
        template: str,
        *,
        http_status: int = 200,
        **values: Any,
    ) -> HTMLResponse:
        """A page for somebody who is logged in."""
        path, query = here_of(request), request.url.query
        shared = self._helpers(viewer.lang, viewer.zone) | {
            "viewer": viewer,
            "csrf": viewer.form_token,
            "may": viewer.may,
            "places": groups_for(viewer.may),
            "zone_offset": _offset(self._application.clock.now().astimezone(viewer.zone)),
            "path": path,
            "here": f"{path}?{query}" if query else path,
        }
        return self._html(template, shared | values, http_status)

    def guest(
        self, request: Request, lang: Lang, template: str, *, http_status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page for somebody who is not."""
        shared = self._helpers(lang, ZoneInfo("UTC")) | {
            "viewer": None,
            "csrf": "",
            "path": request.url.path,
            "here": "/login",
        }
        return self._html(template, shared | values, http_status)

    def _html(self, template: str, values: dict[str, Any], status: int) -> HTMLResponse:
        return HTMLResponse(self._environment.get_template(template).render(values), status)

    def _helpers(self, lang: Lang, zone: ZoneInfo) -> dict[str, Any]:
        now = self._application.clock.now()
        text = partial(self.catalogue.text, lang)
        return {
            "lang": lang,
            "now": now,
            "t": text,
            "term": partial(self.catalogue.term, lang),
            "category": partial(self._category, lang),
            "kind_title": partial(self._kind_title, lang),
            "when": partial(_when, lang, zone, now),
            "span": partial(_span, text),
            "day": partial(_day, lang, zone),
            "length": lambda seconds: timedelta(seconds=seconds),
            "since": lambda at: _span(text, now - at),
        }

    def _category(self, lang: Lang, category_id: str | None, guess: str | None = None) -> str:
        """The title; where triage abstained, its best guess, said as such."""
        if category_id is not None:
            return self._title(lang, category_id)
        if guess is None:
            return self.catalogue.text(lang, "triage.abstained")
        return self.catalogue.text(lang, "triage.guessed", category=self._title(lang, guess))

    def _kind_title(self, lang: Lang, kind_id: str) -> str:
        """The title of a kind of post; one that is gone shows its id."""
        kinds = self._application.drafter.post_kinds
        return next((one.title.get(lang) for one in kinds if one.id == kind_id), kind_id)

    def category_title(self, lang: Lang, category_id: str) -> str:
        """The title of a category; an unknown one shows itself."""
        return self._title(lang, category_id)

    def _title(self, lang: Lang, category_id: str) -> str:
        try:
            return self._application.taxonomy.get(category_id).title.get(lang)
        except KeyError:
            return category_id


def pages_of(request: Request) -> Pages:
    """The app's pages."""
    return cast("Pages", request.app.state.pages)


def _when(lang: Lang, zone: ZoneInfo, now: datetime, at: datetime) -> Markup:
    """A moment in the community's time zone; machine-readable as well."""
    local = at.astimezone(zone)
    pattern = _CHINESE_DATE if lang is Lang.ZH else _ENGLISH_DATE
    if local.year != now.astimezone(zone).year:
        pattern = "%Y-%m-%d %H:%M"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        local.strftime(pattern),
    )


def _offset(local: datetime) -> str:
    """How far a moment's zone is from UTC now, such as UTC+8 or UTC-3:30."""
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _day(lang: Lang, zone: ZoneInfo, at: datetime) -> str:
    """The day a moment lies on in the community's time zone."""
    return at.astimezone(zone).strftime("%m月%d日" if lang is Lang.ZH else "%d %b")


def _span(text: Callable[..., str], length: timedelta) -> str:
    """A length of time in its largest fitting unit; the sign is dropped."""
    seconds = abs(int(length.total_seconds()))
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return text(f"span.{unit}", n=seconds // size)
    return text("span.seconds", n=seconds)


def _version(static: Path) -> str:
    """Changes with any static file, so that browsers fetch the new one."""
    digest = hashlib.sha256()
    for file in sorted(static.glob("*")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:10]
