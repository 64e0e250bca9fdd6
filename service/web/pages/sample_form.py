"""The fields an editor may change of a test case, read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from service.domain.base import Lang
from service.domain.draft import RefusalKind
from service.domain.sample import (
    DraftWanted,
    RetrievalWanted,
    SampleTask,
    TriageWanted,
    Wanted,
)
from service.domain.triage import Sentiment
from service.errors import InvalidInput
from service.flows.sample_desk import SampleEdit

Form = Mapping[str, str]


def edit_of(form: Form, task: SampleTask) -> SampleEdit:
    """What the form asks for; a choice that the page does not offer counts as none.

    Raises:
        InvalidInput: it expects nothing, or two things that exclude each other.
    """
    if "text" not in form:
        return SampleEdit()
    try:
        wanted = _READ[task](form)
    except ValidationError as error:
        first = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"The expectation cannot be used: {first}.") from error
    lang = form.get("lang")
    return SampleEdit(form["text"], Lang(lang) if lang in list(Lang) else None, wanted)


def _triage(form: Form) -> Wanted:
    severity, sentiment = form.get("min_severity", ""), form.get("sentiment")
    names = (form.get("category", ""), form.get("second", ""))
    return TriageWanted(
        categories=tuple(dict.fromkeys(filter(None, names))),
        sentiment=Sentiment(sentiment) if sentiment in list(Sentiment) else None,
        min_severity=int(severity) if severity in tuple("1234") else None,
        abstain=form.get("abstain") == "yes",
    )


def _draft(form: Form) -> Wanted:
    refusal, lang = form.get("refusal"), form.get("reply_lang")
    return DraftWanted(
        cite=_lines(form, "cite"),
        refusal=RefusalKind(refusal) if refusal in list(RefusalKind) else None,
        must_say=_lines(form, "must_say"),
        must_not_say=_lines(form, "must_not_say"),
        reply_lang=Lang(lang) if lang in list(Lang) else Lang.ZH,
    )


def _retrieval(form: Form) -> Wanted:
    no_answer = form.get("no_answer") == "yes"
    return RetrievalWanted(clauses=_lines(form, "clauses"), no_answer=no_answer)


def _lines(form: Form, name: str) -> tuple[str, ...]:
    lines = (line.strip() for line in form.get(name, "").splitlines())
    return tuple(dict.fromkeys(filter(None, lines)))


_READ: dict[SampleTask, Callable[[Form], Any]] = {
    SampleTask.TRIAGE: _triage,
    SampleTask.DRAFT: _draft,
    SampleTask.RETRIEVAL: _retrieval,
}
