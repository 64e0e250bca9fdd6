"""Which messages are replied to, and the reply, as the draft flow makes it but not stored."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evals.drafts.rows import Part, Row, row_of
from evals.drafts.timed import Timed, measured
from evals.wiring import Engines, Rules
from service import sample
from service.domain.case import Case, CaseText
from service.domain.message import Message
from service.domain.triage import Judgement
from service.ports.engines import ContextInput

SEED = 7


class Asked(NamedTuple):
    """A message to reply to."""

    id: str
    part: Part
    text: str


class Writers(NamedTuple):
    """Who writes, and who reads unsure claims a second time; None: nobody."""

    composer: Timed | None
    verifier: Timed | None


def sample_messages(engines: Engines) -> list[Asked]:
    """Each different text of the sample's members once; what its own people wrote is left out."""
    staff = sample.community().staff
    texts: dict[str, str] = {}
    for item in sample.messages(engines.now()):
        if item["author"] not in staff:
            texts.setdefault(str(item["text"]), str(item["external_id"]))
    return [Asked(f"reply:{key}", Part.REPLY, text) for text, key in texts.items()]


def judged(engines: Engines, texts: Sequence[str]) -> list[Judgement]:
    """What triage says; blocking."""
    found = engines.triager.judge(texts, [engines.now()] * len(texts))
    return [one.judgement for one in found]


def balanced(
    asked: Sequence[Asked], judgements: Sequence[Judgement], count: int
) -> list[tuple[Asked, Judgement]]:
    """Up to `count`, in turn from each category and language, always the same ones; those nobody
    must answer come in only where the others do not suffice."""
    groups: dict[tuple[bool, str, str], list[tuple[Asked, Judgement]]] = {}
    for pair in zip(asked, judgements, strict=True):
        one = pair[1]
        key = (not one.route.reply_due, one.lang.value, one.guess or "")
        groups.setdefault(key, []).append(pair)
    draw = random.Random(SEED)  # noqa: S311 not secret
    for key in sorted(groups):
        draw.shuffle(groups[key])
    found = [pair for rest in (False, True) for pair in _turns(groups, rest)]
    return found[:count]


def _turns(
    groups: dict[tuple[bool, str, str], list[tuple[Asked, Judgement]]], rest: bool
) -> Iterator[tuple[Asked, Judgement]]:
    own = [groups[key] for key in sorted(groups) if key[0] is rest]
    for place in range(max(map(len, own), default=0)):
        yield from (group[place] for group in own if place < len(group))


async def reply(
    engines: Engines, rules: Rules, asked: Asked, judgement: Judgement, writers: Writers
) -> Row:
    """Search, freeze, compose, support, check."""
    row = Row(
        id=asked.id, part=asked.part, writer=writer(engines), lang=judgement.lang,
        topic=judgement.guess or "", member=judgement.redacted.text,
    )  # fmt: skip

    async def make() -> Row:
        drafter = engines.drafter
        found = await asyncio.to_thread(rules.search, judgement.redacted.text)
        context = drafter.reply_context(
            ContextInput(
                context_id=f"ctx_{asked.id}",
                community=engines.community,
                case=_case(engines, asked),
                judgement=judgement,
                retrieval=found,
                titles=rules.titles,
                instruction="",
                created_at=engines.now(),
            )
        )
        composition = await drafter.compose(context, writers.composer)
        support = await drafter.support(context, composition, writers.verifier)
        return row_of(row, composition, drafter.check(context, composition, support), support)

    return await measured(_bare(row), writers.composer, make)


def writer(engines: Engines) -> str:
    """Who writes: the model's name, or templates."""
    return engines.chat.name if engines.chat else "templates (no model configured)"


def _bare(row: Row) -> Row:
    return row if row.part is Part.REPLY else row.model_copy(update={"member": ""})


def _case(engines: Engines, asked: Asked) -> CaseText:
    now, community = engines.now(), engines.community.id
    case = Case(
        id=f"case_{asked.id}", community=community, author="member", source="evals",
        channel="drafts", thread=None, opened_at=now, last_at=now, size=1,
    )  # fmt: skip
    message = Message(
        id=f"msg_{asked.id}", community=community, source="evals", external_id=asked.id,
        author="member", text=asked.text, sent_at=now, received_at=now, case_id=case.id,
    )  # fmt: skip
    return CaseText(case=case, messages=(message,))
