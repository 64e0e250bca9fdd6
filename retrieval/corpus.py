"""What a document says about itself, and clauses put together as a corpus."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from retrieval.documents.model import ParsedDocument
from retrieval.errors import DocumentUnreadable
from retrieval.language import detect
from retrieval.segment import HAN
from retrieval.types import Clause, Corpus, DocumentKind, FloatMatrix

_SLUG_CHARS = re.compile(rf"[^a-z0-9{HAN}]+")
_MAX_SLUG = 64
_SAMPLE_BLOCKS = 200


@dataclass(frozen=True, slots=True)
class DocumentMeta:
    """Identity and validity of a document; `version_label` is what its author calls it."""

    slug: str
    title: str
    kind: DocumentKind
    lang: str
    version_label: str | None
    effective: date | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Clause ids by what a new version does to them."""

    added: frozenset[str]
    changed: frozenset[str]
    removed: frozenset[str]
    unchanged: frozenset[str]


def meta_of(parsed: ParsedDocument, filename: str) -> DocumentMeta:
    """Read the front matter; what is missing comes from the file name and the text.

    Raises:
        DocumentUnreadable: the front matter names an unknown kind, language or date.
    """
    entries = parsed.front_matter
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    return DocumentMeta(
        slug=safe_slug(entries.get("slug") or stem),
        title=parsed.title,
        kind=_kind(entries.get("kind", DocumentKind.RULES)),
        lang=_lang(entries.get("lang")) or detect(_sample(parsed)),
        version_label=entries.get("version"),
        effective=_date(entries.get("effective")),
    )


def safe_slug(name: str) -> str:
    """Return a short lower-case name of letters, digits, Chinese characters and hyphens.

    A name without any of them gets one made from its hash, so that different names stay apart.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    slug = _SLUG_CHARS.sub("-", plain).strip("-")[:_MAX_SLUG].strip("-")
    return slug or "document-" + hashlib.sha256(name.encode(errors="replace")).hexdigest()[:8]


def _kind(value: str) -> DocumentKind:
    try:
        return DocumentKind(value.lower())
    except ValueError:
        raise DocumentUnreadable(
            "the front matter's kind must be rules, faq or facts", code="front_matter"
        ) from None


def _lang(value: str | None) -> str | None:
    lang = (value or "").lower().replace("_", "-").split("-")[0]
    if lang not in ("", "zh", "en", "other"):
        raise DocumentUnreadable("the front matter's lang must be zh or en", code="front_matter")
    return lang or None


def _date(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        raise DocumentUnreadable(
            "the front matter's effective must be a date like 2026-05-01", code="front_matter"
        ) from None


def _sample(parsed: ParsedDocument) -> str:
    return "\n".join(block.text for block in parsed.blocks[:_SAMPLE_BLOCKS])


def diff(old: Iterable[Clause], new: Iterable[Clause]) -> Difference:
    """Compare two versions clause by clause, by id and content hash."""
    before = {clause.id: clause.content_hash for clause in old}
    after = {clause.id: clause.content_hash for clause in new}
    common = before.keys() & after.keys()
    changed = frozenset(key for key in common if before[key] != after[key])
    return Difference(
        added=frozenset(after.keys() - before.keys()),
        changed=changed,
        removed=frozenset(before.keys() - after.keys()),
        unchanged=frozenset(common - changed),
    )


def corpus_version(clauses: Iterable[Clause]) -> str:
    """Name a set of clauses: any change of ids or contents gives another name."""
    lines = sorted(f"{clause.id} {clause.version} {clause.content_hash}" for clause in clauses)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def assemble(community: str, clauses: Sequence[Clause], vectors: FloatMatrix) -> Corpus:
    """Put live clauses and their vectors (row i belongs to clause i) together.

    Raises:
        ValueError: the rows do not match the clauses, or an id occurs twice.
    """
    if len(clauses) != len(vectors):
        raise ValueError(f"{len(clauses)} clauses but {len(vectors)} vectors")
    if len({clause.id for clause in clauses}) != len(clauses):
        raise ValueError("clause ids must be unique within a corpus")
    return Corpus(community, corpus_version(clauses), tuple(clauses), vectors)
