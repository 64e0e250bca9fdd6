"""What the heads leave open may go to a language model, which may only pick from the closed set.

The model gives labels and nothing else: no severity, no confidence, no due time, no reply that is
withdrawn. It must quote the passage it rests on, and the quote must stand in the redacted text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from prompts.library import Library, Picked
from prompts.loader import load_prompts
from service.domain.base import Lang
from service.domain.community import Community
from service.domain.llm import CLASSIFY, ChatMessage, ChatReply, ChatRequest
from service.domain.taxonomy import Category, Taxonomy
from service.domain.text import Redacted
from service.domain.triage import Judgement, Label, LabelSource, SignalKind
from service.errors import PermanentProviderError
from service.ports.models import ChatModel
from service.triage.asking import asks, says_enough
from service.triage.priority import route_for
from service.triage.redaction import TOKEN

NONE = "none"
TRIES = 2
GRAVE = 3
"""Severity from which a person looks first and a category changes nothing."""

_MOST = 2
_LONGEST_QUOTE = 400
_NOT_ASKED = {SignalKind.INJECTION, SignalKind.NOISE, SignalKind.SPAM}
_REJECTED = {"rejected", "over_quota", "budget", "no_provider"}
_CONTENT = re.compile(r"\w")

_REMARKS = {
    Lang.ZH: "上一次的答案用不了：quote 必须逐字出自消息，categories 只能用给出的编号。",
    Lang.EN: "The last answer was of no use: quote must be copied from the message character by "
    "character, and categories may only hold the ids given.",
}


class Sorted(NamedTuple):
    """What a model said of a text: categories (none: no category fits) and the passage."""

    categories: tuple[str, ...]
    quote: str


class ModelLabeller:
    """Implements `service.ports.engines.Labeller`."""

    def __init__(self, taxonomy: Taxonomy, prompts: Library | None = None) -> None:
        self._taxonomy, self._prompts = taxonomy, prompts or load_prompts()
        self._ids = tuple(category.id for category in taxonomy.categories)

    def due(self, judgement: Judgement) -> bool:
        """Whether the heads left open what somebody waits for.

        Asked is only about texts that may need a reply, say enough to be sorted, and ask, report
        or demand something. A grave case goes to a person first; a text that gives orders to a
        machine is not shown to one; noise and spam need no category.
        """
        text = judgement.redacted.text
        return (
            judgement.abstained
            and judgement.route.reply_due
            and judgement.severity < GRAVE
            and not any(signal.kind in _NOT_ASKED for signal in judgement.signals)
            and says_enough(text)
            and asks(text)
        )

    async def label(
        self, judgement: Judgement, *, community: Community, at: datetime, chat: ChatModel
    ) -> Judgement | None:
        """See `Labeller.label`."""
        found: Sorted | None = None
        for number in range(TRIES):
            request = self.request(judgement, community, again=number > 0)
            try:
                reply = await chat.complete(request)
            except PermanentProviderError as error:
                if error.details.get("reason") in _REJECTED:
                    return None
                continue
            if found := self.read(judgement.redacted, reply):
                break
        if found is None or not found.categories:
            return None
        stamp = f"{reply.model}/{self._template(judgement, community)}"
        return self._with_labels(judgement, found, stamp, at)

    def request(
        self, judgement: Judgement, community: Community, *, again: bool = False
    ) -> ChatRequest:
        """The prompt for one text. Only the fenced text is the member's; the schema does not
        depend on it."""
        lang = judgement.lang
        messages = self._picked(judgement, community).template.render(
            community=community.name.get(lang),
            categories="\n".join(_line(category, lang) for category in self._taxonomy.categories),
            remark=_REMARKS[lang] if again else "",
            member_text=judgement.redacted.text,
        )
        return ChatRequest(
            feature=CLASSIFY,
            community=community.id,
            messages=tuple(ChatMessage(role=m.role, content=m.content) for m in messages),
            json_schema=label_schema(self._ids),
            schema_name="category",
            max_tokens=200,
            temperature=0.4 if again else 0.0,
        )

    def read(self, redacted: Redacted, reply: ChatReply) -> Sorted | None:
        """What the model said, or None where it cannot be used."""
        named, quote = reply.data.get("categories"), str(reply.data.get("quote", "")).strip()
        if not isinstance(named, list) or not 1 <= len(named) <= _MOST:
            return None
        if named == [NONE]:
            return Sorted((), "")
        if any(one not in self._ids for one in named) or not stands_in(quote, redacted):
            return None
        return Sorted(tuple(dict.fromkeys(named)), quote)

    def _with_labels(
        self, judgement: Judgement, found: Sorted, stamp: str, at: datetime
    ) -> Judgement:
        """The judgement with these labels; the owner follows, nothing else gives way."""
        labels = tuple(
            Label(category=one, confidence=None, source=LabelSource.MODEL, quote=found.quote)
            for one in found.categories
        )
        known = [self._taxonomy.get(one) for one in found.categories]
        fresh, former = route_for(known, judgement.severity, noise=False, at=at), judgement.route
        kept = {"due_at": min(fresh.due_at, former.due_at), "reply_due": former.reply_due}
        return judgement.model_copy(
            update={
                "labels": labels,
                "abstained": False,
                "route": fresh.model_copy(update=kept),
                "versions": judgement.versions.model_copy(update={"model": stamp}),
            }
        )

    def _picked(self, judgement: Judgement, community: Community) -> Picked:
        """The version for this text; texts take the place of cases, which are not known here."""
        template_id = f"classify/category.{judgement.lang.value}"
        return self._prompts.pick(template_id, community.id, judgement.redacted.text)

    def _template(self, judgement: Judgement, community: Community) -> str:
        template, version = self._picked(judgement, community)
        return f"{template.id} v{version} {template.hash[:12]}"


def label_schema(ids: Sequence[str]) -> Mapping[str, object]:
    """The JSON an answer must fit: ids of the closed set, or none of them, and a quote."""
    return {
        "type": "object",
        "properties": {
            "quote": {"type": "string"},
            "categories": {
                "type": "array",
                "items": {"type": "string", "enum": [*ids, NONE]},
                "minItems": 1,
                "maxItems": _MOST,
            },
        },
        "required": ["quote", "categories"],
        "additionalProperties": False,
    }


def stands_in(quote: str, redacted: Redacted) -> bool:
    """Whether a quote occurs in the text, blanks aside, and is more than hidden data or marks."""
    said = " ".join(quote.split())
    if not said or len(said) > _LONGEST_QUOTE or not _CONTENT.search(TOKEN.sub(" ", said)):
        return False
    return said in " ".join(redacted.text.split())


def _line(category: Category, lang: Lang) -> str:
    return f"- {category.id}: {category.title.get(lang)}. {category.definition.get(lang)}"
