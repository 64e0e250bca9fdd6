"""A text from elsewhere is read as a file is, and must be able to take the shipped one's place."""

from __future__ import annotations

import pytest

from prompts.contract import fits, require_fit
from prompts.diff import Source, diff
from prompts.errors import PromptError
from prompts.loader import load_prompts, template_from_text
from prompts.template import PromptTemplate

PROMPTS = load_prompts()
SHIPPED = PROMPTS.get("reply/grounded.en")


def changed(old: str, new: str) -> str:
    assert old in SHIPPED.text
    return SHIPPED.text.replace(old, new)


@pytest.mark.parametrize("template", list(PROMPTS), ids=lambda one: one.id)
def test_a_shipped_text_reads_the_same_from_its_own_parts(template: PromptTemplate) -> None:
    again = template_from_text(template.id, template.text, template.partials)
    assert again == template
    assert fits(template, again)


def test_a_partial_keeps_the_state_it_had() -> None:
    older = {"grounding.en": PROMPTS.partials["grounding.en"].replace("Rules:", "House rules:")}
    then = template_from_text(SHIPPED.id, SHIPPED.text, older)
    assert then.hash != SHIPPED.hash
    assert dict(then.partials) == older
    assert template_from_text(then.id, then.text, then.partials).hash == then.hash


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("version: 3\n", "version: 3\nmodel: x\n", 4, "model"),
        ("id: reply/grounded.en", "id: reply/other.en", 2, "place"),
        ("output: composition", "output: other", 7, "must stay composition"),
        ("  tone: {", "  mood: {type: line, required: false}\n  tone: {", 10, "no value is given"),
        ("passages: {type: text, fenced: true}", "passages: {type: text}", 14, "as shipped"),
        ("The member wrote:\n$member_text", "They wrote: $member_text", 55, "line of its own"),
        ("Voice:\n$tone", "Voice:\n$tone\n$member_text", 24, "does not belong in system"),
        ("--- include grounding.en", "--- include none.en", 25, "no such partial"),
        ("$max_chars", "$max_char", 37, "not declared"),
    ],
)
def test_what_cannot_take_its_place_names_the_line(
    old: str, new: str, line: int, says: str
) -> None:
    text = changed(old, new)
    if says == "no value is given":
        text = text.replace("Voice:\n", "Voice: $mood\n")
    with pytest.raises(PromptError, match=says) as caught:
        require_fit(SHIPPED, template_from_text(SHIPPED.id, text, PROMPTS.partials))
    assert caught.value.line == line
    assert caught.value.source == "reply/grounded.en.md"


def test_only_what_is_optional_may_go() -> None:
    calm = changed("  tone: {type: text, required: false}\n", "").replace("\nVoice:\n$tone\n", "")
    assert fits(SHIPPED, template_from_text(SHIPPED.id, calm, PROMPTS.partials))
    deaf = changed("  member_text: {type: text, fenced: true}\n", "").replace("$member_text", "")
    assert not fits(SHIPPED, template_from_text(SHIPPED.id, deaf, PROMPTS.partials))
    assert not fits(SHIPPED, PROMPTS.get("reply/grounded.zh"))


def test_a_diff_shows_the_file_and_its_partials() -> None:
    one = Source(SHIPPED.text, SHIPPED.partials)
    assert diff(SHIPPED.id, one, one, names=("1", "2")) == ""
    partials = {"grounding.en": SHIPPED.partials["grounding.en"].replace("Rules:", "House rules:")}
    shown = diff(SHIPPED.id, one, Source(changed("Voice:", "Tone:"), partials), names=("1", "2"))
    assert "--- reply/grounded.en@1\n+++ reply/grounded.en@2\n" in shown
    assert "\n-Voice:\n+Tone:\n" in shown
    assert "--- partials/grounding.en@1" in shown
    assert "\n-Rules:\n+House rules:\n" in shown
