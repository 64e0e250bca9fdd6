"""The only place that names the drafter's parts."""

from __future__ import annotations

from collections.abc import Iterator

from prompts.library import Library
from prompts.loader import load_prompts
from retrieval.ports import Embedder
from service.drafting.engine import DraftEngine
from service.drafting.facts.words import Words, load_words
from service.drafting.kinds import PostKinds, load_kinds
from service.drafting.phrases import Phrases, load_phrases
from service.drafting.support.claims import CourtesyHead
from service.drafting.support.head import Head
from service.drafting.support.scorer import SupportScorer
from service.ports.engines import Redactor


def build_drafter(
    redactor: Redactor, prompts: Library | None = None, support: SupportScorer | None = None
) -> DraftEngine:
    """A drafter over the bundled phrases and kinds of posts, and a library of prompts, by default
    the bundled files.

    Args:
        support: what compares sentences with clauses; by default only quotations count as
            supported, and other claims as uncertain.

    Raises:
        PromptError: a prompt file is broken.
        ConfigurationError: the file of a kind is.
    """
    phrases, kinds = load_phrases(), load_kinds()
    return DraftEngine(
        prompts=load_prompts() if prompts is None else prompts,
        phrases=phrases,
        kinds=kinds,
        redactor=redactor,
        support=support or SupportScorer(None, _own_texts(phrases, kinds)),
    )


def build_support(
    embedder: Embedder | None, *, head: Head | None = None, courtesy: CourtesyHead | None = None
) -> SupportScorer:
    """What holds sentences against their sources; other heads than those shipped for fitting."""
    own = _own_texts(load_phrases(), load_kinds())
    return SupportScorer(embedder, own, head=head, courtesy=courtesy)


def _own_texts(phrases: Phrases, kinds: PostKinds) -> Iterator[str]:
    """Sentences and headings of the bundled phrases and kinds of posts."""
    yield from phrases.texts()
    for kind in kinds:
        named = (kind.opening, kind.closing, *(section.heading for section in kind.outline))
        yield from (text for one in named for text in (one.zh, one.en) if text)


def build_words() -> Words:
    """What facts are called."""
    return load_words()
