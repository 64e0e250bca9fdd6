"""Briefs of every kind, with a value for every input, and their contexts."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import drafting_samples as make

from service.domain.base import Lang
from service.domain.draft import DraftContext, Fact
from service.domain.post import PostBrief, PostVariant
from service.domain.post_kind import (
    BriefField,
    ChannelFormat,
    FieldType,
    Need,
    PostKind,
    SubjectType,
)
from service.domain.text import Redacted
from service.drafting.kinds import load_kinds
from service.ports.engines import PostInput

ZONE = ZoneInfo("Asia/Shanghai")
KINDS = load_kinds()
ENGINE = make.engine()
START = datetime(2026, 11, 15, 16, tzinfo=UTC)
END = datetime(2026, 11, 22, 16, tzinfo=UTC)
FEED = """<rss version="2.0"><channel><title>News</title>
<item><title>Notes apps in 2026</title><link>https://news.example.com/notes</link>
<pubDate>Tue, 17 Nov 2026 08:00:00 GMT</pubDate><description>What changed.</description></item>
</channel></rss>"""

TEXTS = {
    Lang.ZH: ("周六一起整理旧笔记", "先挑三篇再写下心得\n然后发到打卡帖里", "不影响已有的笔记"),
    Lang.EN: (
        "Sort old notes together",
        "Pick three old notes\nPost what you found",
        "Notes are safe",
    ),
}


def value_of(field: BriefField, lang: Lang) -> str:
    """A plausible value of its type."""
    line, lines, _ = TEXTS[lang]
    return {
        FieldType.LINE: line,
        FieldType.TEXT: lines.replace("\n", "，" if lang is Lang.ZH else ", "),
        FieldType.LINES: lines,
        FieldType.DATE: "2026-12-06",
        FieldType.DATETIME: "2026-12-06T20:00",
        FieldType.INT: str(max(field.least, 12)),
        FieldType.CHOICE: field.choices[0].value if field.choices else "",
        FieldType.URL: "https://zhujian.example.com/events/1",
        FieldType.FEED: FEED,
    }[field.type]


def brief(
    kind: PostKind, lang: Lang, *, only_required: bool = False, **changes: object
) -> PostBrief:
    """A brief of this kind; with every input, or with no more than it must have."""
    inputs = {
        one.name: value_of(one, lang) for one in kind.inputs if one.required or not only_required
    }
    whole = not only_required
    about = kind.subject and (kind.subject.need is Need.REQUIRED or whole)
    dated = kind.period is Need.REQUIRED or (kind.period is Need.OPTIONAL and whole)
    department = kind.subject is not None and kind.subject.type is SubjectType.DEPARTMENT
    given: dict[str, object] = {
        "kind": kind.id,
        "lang": lang,
        "title": "旧笔记挑战" if lang is Lang.ZH else "Old notes challenge",
        "points": (TEXTS[lang][2],) if kind.points is Need.REQUIRED or whole else (),
        "inputs": inputs,
        "subject": ("product" if department else TEXTS[lang][0]) if about else "",
        "start": START if dated else None,
        "end": END if dated else None,
    }
    return PostBrief.model_validate(given | changes)


def context(
    given: PostBrief, form: ChannelFormat | None = None, *, facts: bool = True, rules: bool = True
) -> DraftContext:
    """Its frozen context, after it was accepted."""
    accepted = ENGINE.accept(given, ZONE)
    passage = (
        make.passage() if given.lang is Lang.ZH else make.passage(text=make.DOUBLE_EN, doc="corner")
    )
    label = "有效消息" if given.lang is Lang.ZH else "effective messages"
    fact = Fact(id="f", label=label, value="1,204", source="count")
    variant = accepted.forms[0]
    shown = {name for one in KINDS.get(given.kind).outline for name in one.of}
    return ENGINE.post_context(
        PostInput(
            context_id="c",
            community=make.community(),
            request_id="p",
            brief=accepted,
            redacted_points=Redacted(text="\n".join(accepted.points)),
            retrieval=make.retrieval(passage, found=rules),
            titles=make.TITLES,
            facts=(fact,) if facts and "facts" in shown else (),
            instruction="",
            created_at=make.NOW,
            variant=PostVariant(format=form, channel="") if form else variant,
        )
    )
