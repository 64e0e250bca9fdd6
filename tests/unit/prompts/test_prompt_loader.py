"""Template files are read strictly; every mistake names the file and the line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from prompts.errors import PromptError
from prompts.loader import load_prompts

GOOD = """---
id: reply/hello.en
version: 3
lang: en
kind: reply
description: Says hello.
variables:
  name: {type: line}
  count: {type: int, required: false}
---
--- system
Be kind. It costs $$5.
--- include tail.en
--- user
Hello ${name}, $count!
"""
PARTIAL = """---
id: partials/tail.en
version: 1
lang: en
kind: partial
description: A tail.
---
Never shout.
"""


def folder(tmp_path: Path, text: str = GOOD, partial: str = PARTIAL) -> Path:
    for kind, name, content in (("reply", "hello", text), ("partials", "tail", partial)):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / f"{name}.en.md").write_text(content, encoding="utf-8")
    return tmp_path


def test_sections_partials_and_variables(tmp_path: Path) -> None:
    template = load_prompts(folder(tmp_path)).get("reply/hello.en")
    system, user = template.render(name="Ann\nB", count=2)
    assert system == ("system", "Be kind. It costs $5.\nNever shout.")
    assert user == ("user", "Hello Ann B, 2!")
    assert template.version == 3
    assert set(template.variables) == {"name", "count"}


def test_optional_variable_may_be_left_out(tmp_path: Path) -> None:
    template = load_prompts(folder(tmp_path)).get("reply/hello.en")
    assert template.render(name="Ann")[1].content == "Hello Ann, !"


def test_hash_covers_the_file_and_its_partials(tmp_path: Path) -> None:
    first = load_prompts(folder(tmp_path)).get("reply/hello.en").hash
    assert first == hashlib.sha256(f"{GOOD}\0{PARTIAL}".encode()).hexdigest()
    (tmp_path / "partials" / "tail.en.md").write_text(PARTIAL.replace("shout", "yell"))
    assert load_prompts(tmp_path).get("reply/hello.en").hash != first


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("version: 3", "version: 3\nmodel: x", 4, "model"),
        ("version: 3", "version: none", 3, "version"),
        ("description: Says hello.\n", "", 2, "description"),
        ("{type: line}", "{type: line, fence: true}", 8, "fence"),
        ("version: 3", "version: [3", 4, "YAML"),
        ("id: reply/hello.en", "id: reply/other.en", 2, "place"),
        ("lang: en", "lang: zh", 2, "agree"),
        ("$count!", "$who!", 15, "$who is not declared"),
        (", $count!", "!", 1, "count is declared but never used"),
        ("$count!", "$!", 15, "lone"),
        ("--- user", "--- assistant", 14, "expected"),
        ("tail.en", "gone.en", 13, "no such partial: gone.en"),
        ("--- system\n", "stray\n--- system\n", 11, "expected"),
        ("---\nid", "id", 1, "begin with"),
    ],
)
def test_mistakes_name_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    assert old in GOOD
    with pytest.raises(PromptError) as caught:
        load_prompts(folder(tmp_path, GOOD.replace(old, new, 1)))
    assert caught.value.source == "reply/hello.en.md"
    assert caught.value.line == line
    assert says in str(caught.value)


def test_unclosed_front_matter_and_missing_sections(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="never closed"):
        load_prompts(folder(tmp_path, "---\nid: x\n"))


def test_a_partial_has_neither_sections_nor_variables(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"partials/tail\.en\.md:10: a partial holds neither"):
        load_prompts(folder(tmp_path, partial=PARTIAL + "\n--- user\nx"))


def test_an_undeclared_variable_of_a_partial_is_blamed_on_the_partial(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"partials/tail\.en\.md:8: variable \$volume"):
        load_prompts(folder(tmp_path, partial=PARTIAL.replace("shout", "$volume")))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "name was not given"),
        ({"name": "A", "other": "B"}, "no such variable: other"),
        ({"name": 4}, "name must be str"),
        ({"name": "A", "count": "4"}, "count must be int"),
        ({"name": "A", "count": True}, "count must be int"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, values: dict[str, str | int], says: str) -> None:
    template = load_prompts(folder(tmp_path)).get("reply/hello.en")
    with pytest.raises(PromptError, match=says):
        template.render(**values)


def test_bundled_templates_come_in_both_languages_with_the_same_variables() -> None:
    prompts = load_prompts()
    names = {template.id.rsplit(".", 1)[0] for template in prompts}
    assert {"reply/grounded", "post/announcement"} <= names
    for name in names:
        zh, en = prompts.get(f"{name}.zh"), prompts.get(f"{name}.en")
        assert zh.variables == en.variables


def test_bundled_templates_fence_what_others_wrote() -> None:
    outside = {"member_text", "passages", "points", "title", "facts", "keywords", "samples"}
    outside |= {"inputs", "thread", "approved_reply"}
    outside |= {"sources", "sentences", "question", "answer", "first", "second"}
    for template in load_prompts():
        for name, spec in template.variables.items():
            assert spec.fenced == (name in outside), f"{template.id}: {name}"


def test_an_unknown_template_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_prompts().get("reply/none.zh")
