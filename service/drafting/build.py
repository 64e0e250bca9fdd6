"""The only place that names the drafter's parts."""

from __future__ import annotations

from prompts.library import Library
from prompts.loader import load_prompts
from service.drafting.engine import DraftEngine
from service.drafting.facts.words import Words, load_words
from service.drafting.kinds import load_kinds
from service.drafting.phrases import load_phrases
from service.ports.engines import Redactor


def build_drafter(redactor: Redactor, prompts: Library | None = None) -> DraftEngine:
    """A drafter over the bundled phrases and kinds of posts, and a library of prompts, by default
    the bundled files.

    Raises:
        PromptError: a prompt file is broken.
        ConfigurationError: the file of a kind is.
    """
    return DraftEngine(
        prompts=load_prompts() if prompts is None else prompts,
        phrases=load_phrases(),
        kinds=load_kinds(),
        redactor=redactor,
    )


def build_words() -> Words:
    """What facts are called."""
    return load_words()
