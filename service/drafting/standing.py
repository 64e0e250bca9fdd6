"""What a community asks of every text, frozen into its context."""

from __future__ import annotations

from service.domain.base import Lang
from service.domain.community import Community
from service.domain.draft import Composition, DraftContext

_DISCLOSURE = "ai_disclosure"
_HOSTS = "link_allow"


def standing(community: Community, lang: Lang) -> dict[str, str]:
    """Parameters of a context: the sentence that says how texts are drafted ("" for none) and the
    hosts they may link to, separated by spaces."""
    return {
        _DISCLOSURE: community.ai_disclosure.get(lang).strip(),
        _HOSTS: " ".join(sorted(community.link_allow)),
    }


def allowed_hosts(context: DraftContext) -> tuple[str, ...]:
    """Hosts a text may link to; none: whatever its sources link to. Older contexts have none."""
    return tuple(context.parameters.get(_HOSTS, "").split())


def disclosure_of(context: DraftContext) -> str:
    """The sentence the community asks for; "" for none, as in older contexts."""
    return context.parameters.get(_DISCLOSURE, "")


def discloses(context: DraftContext, text: str) -> bool:
    """Whether the sentence stands in a text, if one is asked for; blanks do not matter."""
    return _bare(disclosure_of(context)) in _bare(text)


def with_disclosure(context: DraftContext, composition: Composition) -> Composition:
    """The composition with the sentence at its end, unless it says so already."""
    if not composition.text or discloses(context, composition.text):
        return composition
    text = f"{composition.text}\n\n{disclosure_of(context)}"
    return composition.model_copy(update={"text": text})


def _bare(text: str) -> str:
    return "".join(text.split())
