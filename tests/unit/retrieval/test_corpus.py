"""What a document says about itself, and what a new version changes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunking import clauses_of
from retrieval.corpus import assemble, corpus_version, diff, meta_of, safe_slug
from retrieval.documents import parse
from retrieval.errors import DocumentUnreadable
from retrieval.types import Clause, DocumentKind


def cut(text: str) -> tuple[Clause, ...]:
    parsed = parse(text.encode(), "doc.md")
    return clauses_of(parsed, slug="doc", document_id="d", version=1, kind=DocumentKind.RULES)


def test_front_matter_decides() -> None:
    text = (
        "---\nslug: My Code\ntitle: T\nkind: FAQ\nlang: zh-CN\nversion: 2.1\n"
        "effective: 2026-05-01\n---\nx"
    )
    meta = meta_of(parse(text.encode(), "other.md"), "other.md")
    assert (meta.slug, meta.title, meta.kind, meta.lang) == ("my-code", "T", DocumentKind.FAQ, "zh")
    assert (meta.version_label, meta.effective) == ("2.1", date(2026, 5, 1))


def test_without_front_matter_name_and_text_decide() -> None:
    meta = meta_of(parse("成员应当友善待人。".encode(), "x/社区 规则 V2.md"), "x/社区 规则 V2.md")
    assert (meta.slug, meta.kind, meta.lang) == ("社区-规则-v2", DocumentKind.RULES, "zh")
    assert (meta.version_label, meta.effective) == (None, None)


@pytest.mark.parametrize("line", ["kind: laws", "lang: fr", "effective: soon"])
def test_unknown_values_are_refused(line: str) -> None:
    with pytest.raises(DocumentUnreadable, match="front matter") as caught:
        meta_of(parse(f"---\n{line}\n---\nx".encode(), "a.md"), "a.md")
    assert caught.value.code == "front_matter"


@given(st.text(max_size=200))
def test_slugs_are_safe(name: str) -> None:
    slug = safe_slug(name)
    assert 0 < len(slug) <= 64
    assert safe_slug(slug) == slug
    assert not set(slug) & set("/\\.#@ \n<>\"'")


def test_names_without_letters_stay_apart() -> None:
    assert safe_slug("???") != safe_slug("!!!")


def test_diff_sorts_ids_by_what_happened() -> None:
    difference = diff(cut("1.1 a\n\n1.2 b\n\n1.3 c"), cut("1.1 a\n\n1.2 B!\n\n1.4 d"))
    assert difference.unchanged == {"doc#1.1"}
    assert difference.changed == {"doc#1.2"}
    assert difference.removed == {"doc#1.3"}
    assert difference.added == {"doc#1.4"}


def test_the_corpus_version_follows_the_content_not_the_order() -> None:
    clauses = cut("1.1 a\n\n1.2 b")
    assert corpus_version(clauses) == corpus_version(clauses[::-1])
    assert corpus_version(clauses) != corpus_version(cut("1.1 a\n\n1.2 c"))


def test_rows_must_match_clauses_and_ids_be_unique() -> None:
    clauses = cut("1.1 a\n\n1.2 b")
    rows = np.zeros((2, 4), dtype=np.float32)
    assert assemble("c", clauses, rows).clauses == clauses
    with pytest.raises(ValueError, match="vectors"):
        assemble("c", clauses, rows[:1])
    with pytest.raises(ValueError, match="unique"):
        assemble("c", (clauses[0], clauses[0]), rows)
