"""The document that accepted entries make."""

from __future__ import annotations

import html
from collections.abc import Iterable

from service.domain.base import Lang
from service.domain.knowledge import Suggestion

_TITLE = {Lang.ZH: "由已批准的回复整理的常见问题", Lang.EN: "Questions answered before"}


def page_of(entries: Iterable[Suggestion], lang: Lang) -> bytes:
    """The entries as HTML in the order of their numbers, one heading `Q<number>` each.

    Every word of theirs is escaped, so that none of it can open a section or close one.
    """
    title = _TITLE[lang]
    ordered = sorted(entries, key=lambda one: one.number or 0)
    body = "".join(map(_section, ordered))
    head = f"<html lang={lang.value}><head><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1>{body}</body></html>".encode()


def _section(entry: Suggestion) -> str:
    question = html.escape(" ".join(entry.question.split()))
    lines = (html.escape(line.strip()) for line in entry.answer.splitlines() if line.strip())
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<h2>Q{entry.number} {question}</h2>{body}"
