"""The only place that names the drafter's parts."""

from __future__ import annotations

from prompts.loader import load_prompts
from service.drafting.engine import DraftEngine
from service.drafting.facts.words import Words, load_words
from service.drafting.phrases import load_phrases
from service.ports.engines import Redactor


def build_drafter(redactor: Redactor) -> DraftEngine:
    """A drafter over the bundled prompts and phrases.

    Raises:
        PromptError: a prompt file is broken.
    """
    return DraftEngine(prompts=load_prompts(), phrases=load_phrases(), redactor=redactor)


def build_words() -> Words:
    """What facts are called."""
    return load_words()
