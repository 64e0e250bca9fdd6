"""RSS and Atom as items: parsed without entities, DTD or network, markup and links taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup
from lxml import etree

from service.domain.feed import (
    MOST_ITEMS,
    MOST_SUMMARY,
    MOST_TITLE,
    FeedItem,
    from_lines,
    to_lines,
)
from service.domain.post import PostBrief
from service.domain.post_inputs import is_public_link, refuse
from service.domain.post_kind import FieldType, PostKind
from service.drafting.checks.links import LINK

_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans(
    {"《": "〈", "》": "〉", "“": "‘", "”": "’", '"': "’", "「": "‘", "」": "’"}
)
"""Items are quoted where they are shown, so they hold no quotation marks of that kind."""

_DATES = ("pubDate", "published", "updated", "date")
_SUMMARIES = ("description", "summary", "content")


def read_feeds(kind: PostKind, brief: PostBrief, zone: ZoneInfo) -> PostBrief:
    """The brief with every feed replaced by its items, those of its period where it has one.

    Raises:
        InvalidInput: it is no feed, or nothing is left of it; `details` name the field.
    """
    feeds = {one.name for one in kind.inputs if one.type is FieldType.FEED}
    given = {name: text for name, text in brief.inputs.items() if name in feeds and text.strip()}
    if not given:
        return brief
    read = {name: _lines(name, text, brief, zone) for name, text in given.items()}
    return brief.model_copy(update={"inputs": {**brief.inputs, **read}})


def _lines(name: str, text: str, brief: PostBrief, zone: ZoneInfo) -> str:
    try:
        items = _again(text) if text.lstrip().startswith("{") else parse_feed(text, zone)
    except (ValueError, etree.LxmlError) as error:
        raise refuse(f"inputs.{name}", "feed") from error
    kept = tuple(item for item in items if _within(item, brief, zone))[:MOST_ITEMS]
    if not kept:
        raise refuse(f"inputs.{name}", "feed")
    return to_lines(kept)


def _again(text: str) -> tuple[FeedItem, ...]:
    """Items given as such; they are cleaned like those of a feed."""
    found = (_item(one.title, one.link, one.summary, one.day) for one in from_lines(text))
    return tuple(item for item in found if item)


def parse_feed(text: str, zone: ZoneInfo) -> tuple[FeedItem, ...]:
    """The items of an RSS (0.9 to 2.0) or Atom document, each link once; items without a plain
    web link or title are left out. `zone` is where a day begins.

    Raises:
        ValueError, LxmlError: it is no XML, or brings a document type of its own.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    root = etree.fromstring(text.strip().encode("utf-8", "replace"), parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a feed has no document type")
    found = {item.link: item for item in reversed(list(_items(root, zone)))}
    return tuple(reversed(found.values()))


def _items(root: etree._Element, zone: ZoneInfo) -> Iterator[FeedItem]:
    for element in root.iter():
        if _name(element) in ("item", "entry"):
            day = _day(_text(element, *_DATES), zone)
            summary = _text(element, *_SUMMARIES)
            if item := _item(_text(element, "title"), _link(element), summary, day):
                yield item


def _item(title: str, link: str, summary: str, day: date | None) -> FeedItem | None:
    shown = _plain(title, MOST_TITLE)
    if not shown or len(link) > 500 or not is_public_link(link):
        return None
    return FeedItem(title=shown, link=link, day=day, summary=_plain(summary, MOST_SUMMARY))


def _within(item: FeedItem, brief: PostBrief, zone: ZoneInfo) -> bool:
    """Whether it belongs to the period; an item without a day does."""
    if item.day is None or brief.start is None or brief.end is None:
        return True
    last = brief.end - timedelta(seconds=1)
    return brief.start.astimezone(zone).date() <= item.day <= last.astimezone(zone).date()


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(element: etree._Element, *names: str) -> str:
    """The text of the first child of these names that has any."""
    for name in names:
        for child in element:
            if _name(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return ""


def _link(element: etree._Element) -> str:
    """RSS writes it as text, Atom as an attribute."""
    for child in element:
        if _name(child) == "link" and child.get("rel", "alternate") == "alternate":
            return (child.get("href") or child.text or "").strip()
    return ""


def _day(text: str, zone: ZoneInfo) -> date | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(text)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).date()
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _plain(text: str, most: int) -> str:
    """Markup, links and addresses taken out, one line, cut at `most` characters."""
    bare = BeautifulSoup(text, "lxml").get_text(" ") if "<" in text or "&" in text else text
    bare = LINK.sub(" ", bare)
    clean = "".join(char if char.isprintable() else " " for char in bare).translate(_QUOTES)
    return _SPACES.sub(" ", clean).strip()[:most]
