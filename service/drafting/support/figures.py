"""Sentences whose every number is a given fact told in that fact's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.segment import search_terms
from service.domain.draft import DraftContext, DraftKind
from service.drafting.numbers.accounts import Account, accounts
from service.drafting.numbers.places import overlap
from service.drafting.support.ground import Source, of_post
from service.drafting.support.rarity import Rarity
from service.drafting.support.reading import Claim, Said

_OWN = 0.6
"""Share of a fact's label that must stand in the sentence."""

_WORDS = 0.7
"""Rarity-weighted share of the sentence's words that facts, brief or `_TELLING` have."""

_TELLING = frozenset(
    search_terms(
        "数据 统计 本周 本月 本期 上周 上月 上一期 这段时间 共 共有 一共 达到 "
        "为 是 有 占 比 较 相比 增加 增长 上升 减少 下降 持平 "
        "增幅 降幅 增减 幅度 截至 其中 分别 我们 社群 成员 "
        "average total received counted increase increased decrease decreased rose fell grew "
        "compared previous period before change week month had was were there with during this "
        "by an of from up down share relative members community our we"
    )
)
"""Words that reports tell figures with; they claim nothing by themselves."""


def told_by_facts(
    text: str,
    context: DraftContext,
    said: Sequence[Said],
    sources: Sequence[Source],
    rarity: Rarity,
) -> list[str | None]:
    """For each sentence of a post the source `fact:<id>` that carries it, None for the others."""
    if context.kind is not DraftKind.POST or not context.facts:
        return [None] * len(said)
    known = accounts(text, context.facts, "")
    words = frozenset().union(*(one.words for one in sources if of_post(one.id))) | _TELLING
    return [_carrier(text, one, known, words, rarity) for one in said]


def _carrier(
    text: str, said: Said, known: Sequence[Account], words: frozenset[str], rarity: Rarity
) -> str | None:
    inside = [one for one in known if said.start <= one.figure.start < said.end]
    if said.claim is None or said.claim.promise or not inside:
        return None
    names = list(_names(inside, text[said.start : said.end]))
    if len(names) < len(inside) or not _plain(said.claim, words, rarity):
        return None
    return f"fact:{names[0]}"


def _names(inside: Sequence[Account], sentence: str) -> Iterator[str]:
    """Ids of the facts the numbers are, of those told in the fact's own words."""
    for one in inside:
        if one.fact and not one.wrong and overlap(_root(one.fact.label), sentence) >= _OWN:
            yield one.fact.id


def _root(label: str) -> str:
    """A label without what it is set against."""
    return label.split("较上一期")[0].removeprefix("上一期").split(", ")[0]


def _plain(claim: Claim, words: frozenset[str], rarity: Rarity) -> bool:
    terms = frozenset(term for term in claim.terms if not any(map(str.isdigit, term)))
    return not terms or rarity.share(terms, words) >= _WORDS
