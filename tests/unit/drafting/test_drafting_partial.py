"""The text field is readable while the JSON still grows."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.drafting.partial import text_so_far


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        ('{"te', ""),
        ('{"text": ', ""),
        ('{"text": "', ""),
        ('{ "text" : "你好', "你好"),
        ('{"text": "a\\', "a"),
        ('{"text": "a\\nb', "a\nb"),
        ('{"text": "a\\u4f', "a"),
        ('{"text": "a\\u4f60', "a你"),
        ('{"text": "\\ud83d', ""),
        ('{"text": "\\ud83d\\ude00', "😀"),
        ('{"text": "C:\\\\', "C:\\"),
        ('{"text": "say \\"hi\\"", "citations": ["text"', 'say "hi"'),
        ('{"text": "a\\x', "a"),
        ('{"text": "first try bro\x1e', ""),
        ('{"text": "first try bro\x1e{"text": "second', "second"),
        ('{"text": "first\\\x1e{"citations": [], "text": "second"', "second"),
        ('{"citations": ["a#1]", "b"], "refusal": null, "refusal_reason": "", "text": "go', "go"),
        ('{"refusal_reason": "\\"text\\": \\"no", "text": "go', "go"),
        ('{"refusal_reason": "\\"text\\": \\"no', ""),
        ('{"other": {"text": "no', ""),
        ('{"text": "say {\\"text\\": \\"no\\"} he', 'say {"text": "no"} he'),
    ],
)
def test_what_has_arrived(raw: str, text: str) -> None:
    assert text_so_far(raw) == text


@given(st.text(max_size=40).filter(lambda t: t.isprintable()), st.booleans())
def test_every_cut_gives_a_prefix_of_the_final_text(text: str, ascii_only: bool) -> None:
    first = {"citations": ["a#1"], "refusal": None, "refusal_reason": text}
    raw = json.dumps(first | {"text": text}, ensure_ascii=ascii_only)
    cuts = [text_so_far(raw[:end]) for end in range(len(raw) + 1)]
    assert cuts[-1] == text
    assert all(text.startswith(cut) for cut in cuts)
    assert [len(cut) for cut in cuts] == sorted(len(cut) for cut in cuts)
