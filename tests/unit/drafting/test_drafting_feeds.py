"""RSS and Atom from strangers: items with a day and a link, and nothing else gets through."""

from __future__ import annotations

import drafting_samples as make
import post_samples as posts
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.base import Lang
from service.domain.draft import DraftContext, Severity
from service.domain.feed import MOST_ITEMS, FeedItem, from_lines
from service.drafting.feeds import parse_feed
from service.errors import InvalidInput

ATOM = """<?xml version="1.0" encoding="gbk"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><title type="html">笔记 &lt;b&gt;软件&lt;/b&gt;</title>
<link rel="self" href="https://news.example.com/self"/>
<link href="https://news.example.com/a"/><updated>2026-11-17T23:30:00Z</updated>
<summary>去 https://evil.example.top 领奖，或写信 a@evil.example.top</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item><title>Old</title><link>http://news.example.com/old</link><dc:date>2026-11-16</dc:date></item>
</rdf:RDF>"""
KIND = posts.KINDS.get("industry_digest")


def rss(*items: str) -> str:
    return f"<rss><channel>{''.join(f'<item>{one}</item>' for one in items)}</channel></rss>"


def one(title: str = "T", link: str = "https://news.example.com/1", more: str = "") -> str:
    return f"<title>{title}</title><link>{link}</link>{more}"


def accepted(feed: str, **changes: object) -> tuple[FeedItem, ...]:
    brief = posts.brief(KIND, Lang.ZH, **({"inputs": {"items": feed}} | changes))
    return from_lines(posts.ENGINE.accept(brief, posts.ZONE).inputs["items"])


def digest(lang: Lang = Lang.ZH) -> DraftContext:
    two = rss(one("One"), one("Two", "https://news.example.com/2"))
    return posts.context(posts.brief(KIND, lang, inputs={"items": two}))


def test_rss_atom_and_rdf_are_read() -> None:
    (atom,) = parse_feed(ATOM, posts.ZONE)
    assert (atom.title, atom.link) == ("笔记 软件", "https://news.example.com/a")
    assert str(atom.day) == "2026-11-18"
    (rdf,) = parse_feed(RDF, posts.ZONE)
    assert (rdf.title, str(rdf.day)) == ("Old", "2026-11-16")
    (plain,) = parse_feed(posts.FEED, posts.ZONE)
    assert (plain.summary, str(plain.day)) == ("What changed.", "2026-11-17")


def test_links_in_a_text_are_taken_out_so_that_no_draft_can_repeat_them() -> None:
    (item,) = parse_feed(ATOM, posts.ZONE)
    assert "evil" not in item.summary
    assert item.summary.startswith("去")


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "ftp://x.example.com/a", "https://u:p@x.example.com/", "/a", ""],
)
def test_items_without_a_web_link_are_left_out(link: str) -> None:
    kept = one("Kept", "https://news.example.com/k")
    assert [item.title for item in parse_feed(rss(one("Odd", link), kept), posts.ZONE)] == ["Kept"]


def test_an_item_comes_once_and_not_without_end() -> None:
    many = [one(str(n), f"https://news.example.com/{n}") for n in range(80)]
    assert len(parse_feed(rss(one("A"), one("B")), posts.ZONE)) == 1
    assert len(accepted(rss(*many))) == MOST_ITEMS


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><item><title>&b;</title><link>https://x.example.com/</link></item></channel></rss>"""
FILE = BOMB.replace('<!ENTITY a "aaaaaaaaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize(
    "text",
    ["no xml", "<rss>", "{", '{"title": "x"}', rss(), rss("<title>T</title>"), BOMB, FILE, "<a/>"],
)
def test_what_is_no_feed_is_refused_by_field(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        accepted(text)
    assert caught.value.details == {"field": "inputs.items", "problem": "feed"}


def test_only_items_of_the_period_are_kept() -> None:
    dated = [
        one(day, f"https://news.example.com/{day}", f"<pubDate>{day}T12:00:00Z</pubDate>")
        for day in ("2026-11-14", "2026-11-16", "2026-11-22", "2026-11-23")
    ]
    undated = one("undated", "https://news.example.com/u")
    titles = [item.title for item in accepted(rss(*dated, undated))]
    assert titles == ["2026-11-16", "2026-11-22", "undated"]


def test_a_brief_that_was_read_can_be_given_again() -> None:
    brief = posts.brief(KIND, Lang.ZH)
    once = posts.ENGINE.accept(brief, posts.ZONE)
    assert posts.ENGINE.accept(once, posts.ZONE) == once


def test_personal_data_in_an_item_is_hidden_before_the_prompt() -> None:
    feed = rss(one("有事打 13800138000"))
    context = posts.context(posts.brief(KIND, Lang.ZH, inputs={"items": feed}))
    assert "13800138000" not in context.model_dump_json()


@pytest.mark.parametrize("lang", list(Lang))
def test_every_item_is_cited_by_its_link_and_no_other_link_stands(lang: Lang) -> None:
    context = digest(lang)
    whole = "\n".join(value.shown for value in context.inputs)
    title = context.parameters["title"]
    text = f"{title}\n{whole}\n{context.member_text.text}"
    checks = {one.check: one for one in posts.ENGINE.check(context, make.written(text))}
    assert "item_uncited" not in checks
    assert "unknown_link" not in checks
    short = text.replace("https://news.example.com/2", "https://evil.example.top/")
    checks = {one.check: one for one in posts.ENGINE.check(context, make.written(short))}
    assert (checks["item_uncited"].detail, checks["item_uncited"].severity) == (
        "Two",
        Severity.BLOCKING,
    )
    assert checks["unknown_link"].severity is Severity.BLOCKING


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_out_of_an_item(title: str, summary: str) -> None:
    line = FeedItem.model_construct(title=title, link="https://x.example.com/", summary=summary)
    text = line.model_dump_json(exclude={"day"})
    try:
        (item,) = accepted(text)
    except InvalidInput:
        return
    assert not set('“”"《》\n') & set(item.title + item.summary)
