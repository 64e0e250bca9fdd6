"""Names an editor states in a brief stay in its post; nothing else does."""

from __future__ import annotations

import drafting_samples as make
import pytest

from service.domain.base import Lang
from service.domain.draft import DraftContext
from service.domain.post import PostBrief
from service.domain.text import Redacted
from service.drafting.context import Budget
from service.drafting.kinds.loader import load_kinds
from service.drafting.naming import NamingRedactor
from service.drafting.post_context import post_context
from service.ports.engines import PostInput
from service.triage.build import build_redactor

REDACTOR = build_redactor()
KINDS = load_kinds()


def story(title: str, points: tuple[str, ...] = ("She kept a diary",), **inputs: str) -> PostBrief:
    return PostBrief(
        kind="member_story", lang=Lang.EN, title=title, points=points,
        inputs={"called": "Clementine", "consent": "agreed", **inputs},
    )  # fmt: skip


def frozen(brief: PostBrief) -> DraftContext:
    engine = make.engine()
    kind = KINDS.get(brief.kind)
    given = PostInput(
        context_id="c",
        community=make.community(),
        request_id="p",
        brief=brief,
        redacted_points=REDACTOR.redact("\n".join(brief.points)),
        retrieval=make.retrieval(found=False),
        titles=make.TITLES,
        facts=(),
        instruction="",
        created_at=make.NOW,
    )
    template = engine.post_context(given).template
    return post_context(given, kind, template, REDACTOR, Budget())


def test_what_a_member_is_called_stays_in_every_text_of_the_brief() -> None:
    brief = story("A year with Clementine", ("Clementine began with one page",))
    context = frozen(brief)
    assert context.parameters["title"] == "A year with Clementine"
    assert context.member_text == Redacted(text="Clementine began with one page")
    assert "Clementine" in [one.shown for one in context.inputs]


def test_another_name_is_hidden_as_ever() -> None:
    context = frozen(story("A year with Clementine", quotes="I owe it all to Margaret Dunmore."))
    quotes = next(one.shown for one in context.inputs if one.name == "quotes")
    assert "Margaret" not in quotes
    assert "[NAME_1]" in quotes


@pytest.mark.parametrize("secret", ["13800000018", "pen@example.com"])
def test_a_number_or_address_is_hidden_in_a_named_input_too(secret: str) -> None:
    context = frozen(story("A story", called=f"Clementine {secret}"))
    shown = next(one.shown for one in context.inputs if one.name == "called")
    assert secret not in shown
    assert shown.startswith("Clementine [")


def test_a_brief_without_a_named_input_hides_all_names() -> None:
    brief = PostBrief(kind="announcement", lang=Lang.EN, title="A talk by Margaret Dunmore")
    assert "Dunmore" not in frozen(brief).parameters["title"]


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("Rosalind", True), ("rosalind, host", True), ("小林和Rosalind主持", True),
     ("Rosalinda", False), ("MyRosalind", False), ("", False)],
)  # fmt: skip
def test_only_the_whole_name_counts_as_stated(stated: str, kept: bool) -> None:
    text = "Please thank Rosalind for the tea"
    assert (NamingRedactor(REDACTOR, [stated]).redact(text).text == text) is kept


def test_kept_spans_are_no_spans() -> None:
    text = "Please thank Rosalind, 13800000018"
    found = NamingRedactor(REDACTOR, ["Rosalind"]).redact(text)
    assert (found.text, [span.kind for span in found.spans]) == (
        "Please thank Rosalind, [PHONE_1]",
        ["PHONE"],
    )
