"""Kind files are read strictly; a mistake names the file and the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.drafting.kinds import load_kinds
from service.errors import ConfigurationError, NotFound

GOOD = """
place = 1
title = { zh = "诗", en = "Poem" }
description = { zh = "一首诗。", en = "A poem." }
tone = { zh = "轻", en = "light" }

[lengths]
long = { zh = 400, en = 1000 }

[[inputs]]
name = "form"
type = "choice"
label = { zh = "体裁", en = "Form" }
choices = [{ value = "ode", title = { zh = "颂", en = "ode" } }]

[[parts]]
title = { zh = "体裁", en = "the form" }
input = "form"

[[outline]]
of = ["form", "points"]
"""


def folder(tmp_path: Path, text: str | bytes = GOOD, name: str = "poem.toml") -> Path:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path


def test_a_file_becomes_a_kind_named_after_it(tmp_path: Path) -> None:
    (kind,) = load_kinds(folder(tmp_path))
    assert (kind.id, kind.title.en) == ("poem", "Poem")
    assert kind.input("form") is not None
    assert kind.input("rhyme") is None


def test_kinds_come_in_their_order(tmp_path: Path) -> None:
    folder(tmp_path, GOOD.replace("place = 1", "place = 0"), "verse.toml")
    kinds = load_kinds(folder(tmp_path))
    assert [kind.id for kind in kinds] == ["verse", "poem"]
    assert kinds.find("novel") is None
    with pytest.raises(NotFound, match="no such kind"):
        kinds.get("novel")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (', en = "Form" }', "}", "inputs.0.label.en"),
        ('type = "choice"', 'type = "colour"', "inputs.0.type"),
        ('type = "choice"', 'type = "line"', "choices belong"),
        ('name = "form"', 'name = "points"', "one that is taken"),
        ('input = "form"', 'input = "rhyme"', "no input 'rhyme'"),
        ('input = "form"', "", "either an input or words"),
        ('of = ["form", "points"]', 'of = ["form", "chorus"]', "no input 'chorus'"),
        ("[[outline]]\n", "[[outlines]]\n", "outline"),
        ("long =", "loud =", "lengths"),
        ("long = { zh = 400", "chat = { zh = 400", "default_format"),
        ("zh = 400", "zh = 4", "lengths.long.zh"),
        ("place = 1", "place = 1\ncolour = 3", "colour"),
        ("place = 1", "place = ", "line 2"),
    ],
)
def test_mistakes_name_file_and_field(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as caught:
        load_kinds(folder(tmp_path, GOOD.replace(old, new, 1)))
    assert caught.value.message.startswith("poem.toml: ")
    assert says in caught.value.message


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"poem\.toml: "):
        load_kinds(folder(tmp_path, "place = 1 # 诗".encode("gbk")))
