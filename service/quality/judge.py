"""A model judges texts by a rubric: one value, or which of two is better.

A failing value is asked again and needs two of three; a preference counts only when both orders
give it. An answer outside the scale is no verdict. Who a judge is, is said by prompt, rubric and
model together: change one and it has to be measured against people anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from prompts.library import Library
from prompts.template import PromptTemplate
from service.domain.base import Lang
from service.domain.labelling import Material, Rubric, Scale
from service.domain.llm import ChatMessage, ChatRequest
from service.ports.models import ChatModel

FEATURE = "judge.rubric"
_MOST_TOKENS = 200
_NONE = {Lang.ZH: "（无）", Lang.EN: "(none)"}


class JudgeVerdict(NamedTuple):
    """A value of the scale with the judge's sentence; `asked` is how many calls it took."""

    value: int
    reason: str
    asked: int


class Judge:
    """Judges by one rubric in one language."""

    def __init__(self, prompts: Library, chat: ChatModel, rubric: Rubric, lang: Lang) -> None:
        self._verdict = prompts.pick(f"judge/verdict.{lang.value}").template
        self._pair = prompts.pick(f"judge/pair.{lang.value}").template
        self._chat, self._rubric, self._lang = chat, rubric, lang

    @property
    def id(self) -> str:
        """Names rubric, prompt and model; labels are kept under it."""
        return self._named(self._verdict)

    @property
    def pair_id(self) -> str:
        """The same of the judge that prefers."""
        return self._named(self._pair)

    def _named(self, prompt: PromptTemplate) -> str:
        rubric = self._rubric
        return f"{rubric.id}@{rubric.version}:{rubric.hash[:8]}/{prompt.hash[:8]}/{self._chat.name}"

    async def value(self, community: str, material: Material) -> JudgeVerdict | None:
        """The value, a failing one confirmed; None where the model gave none.

        Raises:
            ProviderError: the model is away.
        """
        first = await self._once(community, material)
        if first is None or not self._fails(first.value):
            return first
        second = await self._once(community, material)
        if second is not None and second.value == first.value:
            return first._replace(asked=2)
        third = await self._once(community, material)
        said = [one for one in (first, second, third) if one is not None]
        for one in said:
            if sum(other.value == one.value for other in said) >= 2:
                return one._replace(asked=3)
        return None

    async def prefers(self, community: str, one: Material, other: Material) -> int:
        """0 where the first is better, 1 where the second is, whichever stands first; -1 where the
        orders disagree or neither is.

        Raises:
            ProviderError: the model is away.
        """
        straight = await self._better(community, one, other)
        if straight is None:
            return -1
        swapped = await self._better(community, other, one)
        return straight if swapped is not None and swapped == 1 - straight else -1

    def _fails(self, value: int) -> bool:
        return value == (2 if self._rubric.scale is Scale.PASS_FAIL else 1)

    async def _once(self, community: str, material: Material) -> JudgeVerdict | None:
        values = {
            "criterion": self._rubric.criterion.get(self._lang),
            "anchors": self._anchors(),
            "question": material.question or _NONE[self._lang],
            "sources": self._sources(material),
            "answer": material.answer,
        }
        scale = self._rubric.scale.values
        given = {"value": {"type": "integer", "enum": list(scale)}}
        data = await self._ask(self._verdict, values, given, community)
        value = data.get("value")
        if not isinstance(value, int) or isinstance(value, bool) or value not in scale:
            return None
        return JudgeVerdict(value, str(data.get("reason", ""))[:500], 1)

    async def _better(self, community: str, first: Material, second: Material) -> int | None:
        values = {
            "criterion": self._rubric.criterion.get(self._lang),
            "question": first.question or _NONE[self._lang],
            "sources": self._sources(first),
            "first": first.answer,
            "second": second.answer,
        }
        given = {"better": {"type": "string", "enum": ["first", "second", "same"]}}
        data = await self._ask(self._pair, values, given, community)
        return {"first": 0, "second": 1}.get(str(data.get("better")))

    async def _ask(
        self,
        template: PromptTemplate,
        values: Mapping[str, str],
        answer: Mapping[str, object],
        community: str,
    ) -> dict[str, object]:
        messages = template.render(**values)
        reply = await self._chat.complete(
            ChatRequest(
                feature=FEATURE,
                community=community,
                messages=tuple(ChatMessage(role=m.role, content=m.content) for m in messages),
                json_schema=_schema(answer),
                schema_name=str(template.front.output),
                max_tokens=_MOST_TOKENS,
                temperature=0.0,
            )
        )
        return reply.data

    def _anchors(self) -> str:
        lines = (
            f"{one.value}: {one.example.get(self._lang)} ({one.why.get(self._lang)})"
            for one in self._rubric.anchors
        )
        return "\n".join(lines)

    def _sources(self, material: Material) -> str:
        return "\n\n".join(material.sources) or _NONE[self._lang]


def _schema(answer: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"reason": {"type": "string"}, **answer},
        "required": ["reason", *answer],
        "additionalProperties": False,
    }
