"""What triage said, in words that a person or a judge can judge."""

from __future__ import annotations

from collections.abc import Mapping

from service.domain.base import Bilingual, Lang
from service.domain.labelling import Material
from service.domain.taxonomy import Taxonomy
from service.domain.triage import Judgement, Urgency

_CATEGORY = Bilingual(zh="类别：", en="Category: ")
_NONE = Bilingual(zh="类别：没有给出，留给人来定", en="Category: none given, left to a person")
_URGENCY = Bilingual(zh="紧急程度：", en="Urgency: ")
_BETWEEN = Bilingual(zh="、", en=", ")
_COLON = Bilingual(zh="：", en=": ")
_URGENCIES: Mapping[Urgency, Bilingual] = {
    Urgency.LOW: Bilingual(zh="不急", en="can wait"),
    Urgency.NORMAL: Bilingual(zh="正常", en="normal"),
    Urgency.HIGH: Bilingual(zh="较急", en="soon"),
    Urgency.CRITICAL: Bilingual(zh="立即", en="at once"),
}


def told(judgement: Judgement, taxonomy: Taxonomy, lang: Lang) -> Material:
    """The redacted text, categories with urgency, and what every category of the taxonomy means.

    Neither confidence nor the engine's other guesses are in it: they would lean on the judge.
    """
    titles = {one.id: one.title.get(lang) for one in taxonomy.categories}
    names = [titles.get(one.category, one.category) for one in judgement.labels]
    given = _CATEGORY.get(lang) + _BETWEEN.get(lang).join(names) if names else _NONE.get(lang)
    # The limits are for what comes in; a stored text is shown whole.
    return Material.model_construct(
        question=judgement.redacted.text,
        answer=f"{given}\n{_URGENCY.get(lang)}{_URGENCIES[judgement.urgency].get(lang)}",
        sources=tuple(
            f"{one.title.get(lang)}{_COLON.get(lang)}{one.definition.get(lang)}"
            for one in taxonomy.categories
        ),
    )
