"""Facts of one group, as they are counted."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from service.domain.base import Lang
from service.domain.draft import Fact, HypothesisVerdict
from service.drafting.facts import shown
from service.drafting.facts.words import Words


class Kind(StrEnum):
    """How a quantity is shown."""

    PEOPLE = "people"
    NUMBER = "number"
    SHARE = "share"
    LENGTH = "length"


class Counted(NamedTuple):
    """A count and the people behind it; None where nobody can be told apart by it."""

    number: int
    people: int | None = None


class Sheet:
    """Collects the facts of a group. `floor` is the least number of people a count may rest on."""

    def __init__(self, group: str, words: Words, lang: Lang, *, source: str, floor: int) -> None:
        self.group, self.lang, self.words = group, lang, words
        self._source, self._floor = source, floor
        self._facts: list[Fact] = []
        self._withheld = 0

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Those put down so far, and how many were left out because few people are behind them."""
        if not self._withheld:
            return tuple(self._facts)
        told = Fact(
            id=f"{self.group}.withheld",
            label=self.words.label("beside", "withheld", self.lang),
            value=shown.amount(self._withheld, None, self.lang),
            source=self._source,
            number=self._withheld,
        )
        return (*self._facts, told)

    def count(
        self,
        key: str,
        now: Counted,
        unit: str,
        *,
        before: Counted | None = None,
        item: str = "",
        link: str = "",
        **names: str,
    ) -> None:
        """A count and, with `before`, that of the period before and the change.

        One of few people is told as a bound; one among many, an `item`, is left out instead.
        """
        label = self.words.label(self.group, key, self.lang, **names)
        if self._few(now) and item:
            self._withheld += 1
            return
        if self._few(now):
            self._put(key, label, self._hidden(), None, item=item, link=link)
            return
        self._amount(key, label, now.number, unit, item=item, link=link)
        if before is not None and not self._few(before):
            self._beside(key, label, now.number, before.number, unit, item)

    def share(
        self,
        key: str,
        part: int | Fraction,
        whole: int,
        *,
        item: str = "",
        link: str = "",
        **names: str,
    ) -> None:
        """A share in percent; nothing where the whole is nothing."""
        if whole:
            share = Fraction(part) / whole
            label = self.words.label(self.group, key, self.lang, **names)
            self._put(key, label, shown.percent(share), float(share), item=item, link=link)

    def quantity(
        self, key: str, value: Fraction, kind: Kind, *, item: str, link: str, **names: str
    ) -> None:
        """A measured value; lengths are in seconds. Few people are told as a bound."""
        label = self.words.label(self.group, key, self.lang, **names)
        if kind is Kind.PEOPLE and 0 < value < self._floor:
            self._put(key, label, self._hidden(), None, item=item, link=link)
        else:
            self._put(key, label, self._shown(value, kind), float(value), item=item, link=link)

    def verdict(
        self, key: str, said: str, verdict: HypothesisVerdict, evidence: tuple[str, ...]
    ) -> None:
        """What the data say of a cause."""
        label = self.words.label(self.group, key, self.lang)
        self._put(key, label, said, None)
        marked = {"verdict": verdict, "evidence": evidence}
        self._facts[-1] = self._facts[-1].model_copy(update=marked)

    def points(self, key: str, change: Fraction) -> None:
        """A change of a share, in percentage points."""
        label = self.words.label(self.group, key, self.lang)
        value = shown.amount(shown.rounded(change * 100), shown.POINTS, self.lang, signed=True)
        self._put(key, label, value, float(change))

    def length(
        self, key: str, seconds: float | None, *, item: str = "", link: str = "", **names: str
    ) -> None:
        """A length of time; nothing where there is none."""
        if seconds is not None:
            label = self.words.label(self.group, key, self.lang, **names)
            value = shown.length(seconds, self.lang)
            self._put(key, label, value, seconds, item=item, link=link)

    def when(
        self, key: str, at: datetime | date, *, item: str = "", link: str = "", **names: str
    ) -> None:
        """A local moment or day."""
        lang = self.lang
        value = shown.moment(at, lang) if isinstance(at, datetime) else shown.day(at, lang)
        label = self.words.label(self.group, key, self.lang, **names)
        self._put(key, label, value, None, item=item, link=link)

    def say(
        self, key: str, value: str, *, item: str = "", link: str = "", quote: str = "", **names: str
    ) -> None:
        """Words, such as a title."""
        label = self.words.label(self.group, key, self.lang, **names)
        self._put(key, label, value, None, item=item, link=link, quote=quote)

    def _beside(self, key: str, label: str, now: int, before: int, unit: str, item: str) -> None:
        def named(what: str) -> str:
            return self.words.label("beside", what, self.lang, label=label)

        self._amount(f"{key}.before", named("before"), before, unit, item=item)
        self._amount(f"{key}.change", named("change"), now - before, unit, item=item, signed=True)
        if before:
            ratio = Fraction(now - before, before)
            value = shown.percent(ratio, signed=True)
            self._put(f"{key}.percent", named("percent"), value, float(ratio), item=item)

    def _amount(
        self,
        key: str,
        label: str,
        value: int,
        unit: str,
        *,
        item: str,
        link: str = "",
        signed: bool = False,
    ) -> None:
        text = shown.amount(value, self.words.unit(unit), self.lang, signed=signed)
        self._put(key, label, text, value, item=item, link=link)

    def _shown(self, value: Fraction, kind: Kind) -> str:
        if kind is Kind.SHARE:
            return shown.percent(value)
        if kind is Kind.LENGTH:
            return shown.length(float(value), self.lang)
        unit = self.words.unit("people") if kind is Kind.PEOPLE else None
        return shown.amount(shown.rounded(value), unit, self.lang)

    def _few(self, counted: Counted) -> bool:
        return counted.people is not None and 0 < counted.people < self._floor

    def _hidden(self) -> str:
        least = shown.amount(self._floor, self.words.unit("people"), self.lang)
        few = self.words.label("beside", "few", self.lang, amount=least)
        return self.words.label("beside", "hidden", self.lang, few=few)

    def _put(
        self,
        key: str,
        label: str,
        value: str,
        number: float | None,
        *,
        item: str = "",
        link: str = "",
        quote: str = "",
    ) -> None:
        parts = (self.group, item, key) if item else (self.group, key)
        self._facts.append(
            Fact(
                id=".".join(parts),
                label=label,
                value=value,
                source=self._source,
                link=link,
                number=number,
                quote=quote,
            )
        )
