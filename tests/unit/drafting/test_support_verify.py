"""A model reads what the measure is unsure of, and can lift or block no more than that."""

from __future__ import annotations

import drafting_samples as make
import pytest

from prompts.loader import load_prompts
from service.domain.draft import DraftContext
from service.domain.llm import ChatReply, ChatRequest
from service.domain.support import Conflict, SentenceSupport, SupportKind, SupportLedger
from service.drafting.verify import MOST, verified
from service.errors import PermanentProviderError, ProviderError, TransientProviderError
from service.ports.models import OnDelta

TEXT = "核实后会把多扣的钱退回。你好。每位成员都能退。"
SOURCE = "核实后 3 个工作日内把多扣的金额原路退回"
DOUBT, SURE, WRONG = SupportKind.UNCERTAIN, SupportKind.SUPPORTED, SupportKind.UNSUPPORTED


class Chat:
    """Answers with what it is given, or raises it."""

    name = "chat"

    def __init__(self, answer: object) -> None:
        self.answer, self.requests = answer, list[ChatRequest]()

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        self.requests.append(request)
        if isinstance(self.answer, ProviderError):
            raise self.answer
        data = {"verdicts": self.answer}
        return ChatReply(data=data, model="m-1", prompt_tokens=1, completion_tokens=1)


def ledger(*kinds: SupportKind) -> SupportLedger:
    spans = [(0, 12), (12, 15), (15, 23)]
    rows = [
        SentenceSupport(start=start, end=end, kind=kind, score=0.5)
        for (start, end), kind in zip(spans, kinds, strict=False)
    ]
    return SupportLedger(sentences=tuple(rows), engine="1")


async def judge(
    answer: object, *kinds: SupportKind, context: DraftContext | None = None
) -> tuple[list[SupportKind], Chat]:
    chat = Chat(answer)
    given = context or make.context()
    got = await verified(load_prompts(), given, TEXT, ledger(*kinds), chat)
    return [one.kind for one in got.sentences], chat


def said(number: object, verdict: str, quote: str = SOURCE) -> dict[str, object]:
    return {"number": number, "verdict": verdict, "quote": quote}


async def test_only_uncertain_sentences_are_asked_about() -> None:
    got, chat = await judge([], DOUBT, SupportKind.COURTESY, WRONG)
    (request,) = chat.requests
    assert got == [DOUBT, SupportKind.COURTESY, WRONG]
    assert TEXT[:12] in request.messages[-1].content
    assert TEXT[15:] not in request.messages[-1].content
    assert make.DOUBLE in request.messages[-1].content


async def test_nothing_in_doubt_is_no_call() -> None:
    _, chat = await judge([], SURE, SupportKind.COURTESY, WRONG)
    assert chat.requests == []


async def test_a_confirmation_lifts_and_a_denial_blocks() -> None:
    got, _ = await judge(
        [said(1, "supported"), said(2, "unsupported", "")], DOUBT, SupportKind.COURTESY, DOUBT
    )
    assert got == [SURE, SupportKind.COURTESY, WRONG]


async def test_a_denial_says_that_a_model_made_it() -> None:
    chat = Chat([said(1, "unsupported")])
    got = await verified(load_prompts(), make.context(), TEXT, ledger(DOUBT), chat)
    assert got.sentences[0].conflict is Conflict.MODEL
    assert "m-1" in got.engine
    assert "judge/support.zh" in got.engine


@pytest.mark.parametrize(
    "answer",
    [
        [said(1, "supported", "条款里没有的话，编出来的")],
        [said(1, "supported", "")],
        [said(1, "unsure")],
        [said(2, "supported")],
        [said("1", "supported")],
        [{"number": 1}],
        ["supported"],
        "supported",
        None,
        TransientProviderError("slow", reason="timeout"),
        PermanentProviderError("no", reason="garbled"),
    ],
)
async def test_anything_else_leaves_the_doubt(answer: object) -> None:
    got, _ = await judge(answer, DOUBT)
    assert got == [DOUBT]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_denial_outranks_a_confirmation(order: tuple[int, int]) -> None:
    both = [said(1, "supported"), said(1, "unsupported")]
    got, _ = await judge([both[n] for n in order], DOUBT)
    assert got == [WRONG]


async def test_a_model_is_asked_about_so_many_at_most() -> None:
    many = SupportLedger(
        sentences=tuple(SentenceSupport(start=n, end=n + 1, kind=DOUBT) for n in range(20))
    )
    chat = Chat([said(n, "unsupported") for n in range(1, 21)])
    got = await verified(load_prompts(), make.context(), TEXT, many, chat)
    assert len(got.of_kind(WRONG)) == MOST
