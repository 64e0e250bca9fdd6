"""Write posts from golden briefs the way the content flow does, with facts from the case."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from evals.cases import Sample
from evals.cases_written import DraftFinding, GivenPost, PostsAnswer
from evals.errors import DatasetInvalid
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from retrieval.types import Retrieval
from service.domain.base import Lang
from service.domain.community import Community
from service.domain.draft import DraftContext, DraftKind, Fact
from service.domain.post import PostBrief, PostVariant
from service.domain.post_kind import FieldType
from service.ports.engines import PostInput

OWN_RULES = 3
PROSE = 300
"""As in the content flow: clauses of a kind's own query, characters of an input searched for."""


@task("posts")
class PostsTask:
    """Accept the brief, search, freeze the context, compose, check."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self.chunk, self.concurrency = (1, 64) if engines.chat else (8, 2)

    def versions(self) -> dict[str, str]:
        """Corpus, a hash over the templates of all kinds, and who writes."""
        writer = self._engines.chat.name if self._engines.chat else "post template"
        drafter = self._engines.drafter
        refs = (
            drafter.template_for(DraftKind.POST, kind.id, lang)
            for kind in drafter.post_kinds
            for lang in Lang
        )
        return {
            **self._engines.rules.versions(),
            "templates": " ".join(sorted(ref.hash[:6] for ref in refs)),
            "writer": writer,
        }

    async def answer(self, samples: Sequence[Sample]) -> tuple[PostsAnswer, ...]:
        """See `evals.tasks.base.Task`.

        Raises:
            DatasetInvalid: a case has no brief.
        """
        given = [_given(sample) for sample in samples]
        with engine_call():
            contexts = await asyncio.to_thread(
                lambda: [self._context(*one) for one in zip(samples, given, strict=True)]
            )
            return tuple(await asyncio.gather(*map(self._write, contexts)))

    async def _write(self, context: DraftContext) -> PostsAnswer:
        composition = await self._engines.drafter.compose(context, self._engines.chat)
        support = await self._engines.drafter.support(context, composition, self._engines.chat)
        findings = self._engines.drafter.check(context, composition, support)
        return PostsAnswer(
            text=composition.text,
            ground=_ground(context),
            cited=tuple(citation.clause_id for citation in composition.citations),
            context=tuple(passage.clause_id for passage in context.passages),
            origin=composition.origin,
            degraded_because=composition.degraded_because,
            max_chars=int(context.parameters["max_chars"]),
            disclosure=context.parameters["ai_disclosure"],
            support=tuple(one.kind for one in support.sentences),
            findings=tuple(DraftFinding(check=f.check, severity=f.severity) for f in findings),
        )

    def _context(self, sample: Sample, given: GivenPost) -> DraftContext:
        community = self._community(given)
        brief = self._engines.drafter.accept(
            self._brief(sample, given), ZoneInfo(community.timezone)
        )
        redact = self._engines.redactor.redact
        points = redact("\n".join(brief.points))
        about = redact("\n".join((brief.title, *self._prose(brief)))).text
        return self._engines.drafter.post_context(
            PostInput(
                context_id=f"ctx_{sample.id}",
                community=community,
                request_id=f"post_{sample.id}",
                brief=brief,
                redacted_points=points,
                retrieval=self._clauses(brief, f"{about}\n{points.text}".strip()),
                titles=self._engines.rules.titles,
                facts=_facts(given),
                instruction="",
                created_at=self._engines.now(),
                variant=brief.forms[0],
            )
        )

    def _brief(self, sample: Sample, given: GivenPost) -> PostBrief:
        end = self._engines.now().replace(hour=0, minute=0)
        period = {"start": end - timedelta(days=given.days), "end": end} if given.days else {}
        return PostBrief(
            kind=given.kind,
            lang=sample.lang,
            title=sample.text,
            points=given.points,
            inputs=given.inputs,
            subject=given.subject,
            variants=(PostVariant(format=given.format),),
            **period,
        )

    def _community(self, given: GivenPost) -> Community:
        if given.disclosure is None:
            return self._engines.community
        return self._engines.community.model_copy(update={"ai_disclosure": given.disclosure})

    def _prose(self, brief: PostBrief) -> tuple[str, ...]:
        inputs = self._engines.drafter.post_kinds.get(brief.kind).inputs
        texts = (brief.inputs.get(one.name, "") for one in inputs if one.type is FieldType.TEXT)
        return tuple(text[:PROSE] for text in texts if text)

    def _clauses(self, brief: PostBrief, text: str) -> Retrieval:
        """What fits the text; of a kind that must rest on rules of its own, these first."""
        search, kind = self._engines.rules.search, self._engines.drafter.post_kinds.get(brief.kind)
        fitting = search(text)
        if kind.rules is None:
            return fitting
        own = search(kind.rules.query.get(brief.lang))
        if not own.found:
            return own if kind.rules.required else fitting
        known = {passage.clause.id for passage in own.passages}
        more = fitting.passages if fitting.found else ()
        extra = tuple(passage for passage in more if passage.clause.id not in known)
        return replace(own, passages=own.passages[:OWN_RULES] + extra)


def _given(sample: Sample) -> GivenPost:
    if sample.post is None:
        raise DatasetInvalid(f"{sample.id} has no brief.")
    return sample.post


def _facts(given: GivenPost) -> tuple[Fact, ...]:
    return tuple(
        Fact(id=one.id, label=one.label, value=one.value, source="golden") for one in given.facts
    )


def _ground(context: DraftContext) -> str:
    """Everything given and found, without the template's own words."""
    inputs = (text for one in context.inputs for text in (one.value, one.shown))
    facts = (text for one in context.facts for text in (one.label, one.value))
    clauses = (f"{p.document_title} {p.number} {p.text}" for p in context.passages)
    title = (context.parameters["title"], context.member_text.text, context.parameters["channel"])
    return "\n".join((*title, *inputs, *facts, *clauses))
