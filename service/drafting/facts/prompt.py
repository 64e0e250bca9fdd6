"""Facts as a model and a template post see them, and a model's marks taken out again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.domain.base import Lang
from service.domain.draft import Fact
from service.drafting.facts.families import Family, families

_BESIDE = {
    Lang.ZH: ("{value}（{beside}）", "，", ("上一期 {}", "增减 {}", "幅度 {}")),
    Lang.EN: ("{value} ({beside})", "; ", ("before: {}", "change: {}", "relative: {}")),
}


def fact_lines(facts: Sequence[Fact], lang: Lang) -> str:
    """A line for each count with its id; the member's words it is about on the next."""
    return "\n".join(_line(one, lang) for one in families(facts))


def plain_lines(facts: Sequence[Fact], lang: Lang) -> list[str]:
    """The same for readers, without ids and members' words."""
    return [plain_line(one, lang) for one in families(facts)]


def plain_line(family: Family, lang: Lang) -> str:
    """One of them."""
    colon = "：" if lang is Lang.ZH else ": "
    return f"{family.fact.label}{colon}{_value(family, lang)}"


def without_marks(text: str, ids: Iterable[str]) -> str:
    """The text without ids of facts or clauses in brackets: models copy them, readers must not see
    them."""
    given = "|".join(sorted(map(re.escape, ids), key=len, reverse=True))
    return re.sub(rf"[ \t]*[\[(（【](?:{given})[\])）】]", "", text) if given else text


def _line(family: Family, lang: Lang) -> str:
    fact = family.fact
    line = f"- [{fact.id}] {fact.label}: {_value(family, lang)}"
    return f"{line}\n  > {fact.quote}" if fact.quote else line


def _value(family: Family, lang: Lang) -> str:
    whole, joint, forms = _BESIDE[lang]
    told = zip(forms, (family.before, family.change, family.percent), strict=True)
    beside = joint.join(form.replace("{}", fact.value) for form, fact in told if fact)
    if not beside:
        return family.fact.value
    return whole.replace("{beside}", beside).replace("{value}", family.fact.value)
