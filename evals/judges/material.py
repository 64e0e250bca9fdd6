"""What a judge is shown of a stored answer: the question, what the text may rest on, the text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from evals.cases import Answer, DraftAnswer, Sample
from evals.cases_written import PostsAnswer
from evals.errors import EvalError, RunMismatch
from evals.model import EvalRun
from evals.sample_rules import sample_clauses
from evals.score import answered
from retrieval.corpus import corpus_version
from service.domain.labelling import LONGEST_TEXT, About, Material, Rubric
from service.quality.rubrics import rubric_of

JUDGED = ("draft", "posts")
"""Tasks whose answers are texts for people."""

Redact = Callable[[str], str]


def text_rubric(rubric_id: str) -> Rubric:
    """A rubric by which texts of runs can be judged.

    Raises:
        NotFound: there is no such rubric.
        EvalError: it judges triages, which are no texts for people.
    """
    rubric = rubric_of(rubric_id)
    if rubric.about is not About.REPLY:
        raise EvalError(f"The rubric {rubric.id} judges triages; runs are judged by their labels.")
    return rubric


def materials(run: EvalRun, redact: Redact) -> dict[str, Material]:
    """Case id to what is shown of its answer, for every case that has a text.

    Clauses are looked up by id in the documents that are shipped.

    Raises:
        EvalError: the run is of a task that writes nothing.
        RunMismatch: it was made over other documents.
    """
    if run.manifest.task not in JUDGED:
        raise EvalError(f"Judges read runs of {' or '.join(JUDGED)}.")
    clauses = _clauses(run)
    shown = ((one.sample, one.answer) for one in answered(run))
    return {
        sample.id: _material(sample, answer, clauses, redact)
        for sample, answer in shown
        if getattr(answer, "text", "").strip()
    }


def digest(material: Material) -> str:
    """SHA-256 (hex) of what is shown."""
    return hashlib.sha256(material.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()


def _clauses(run: EvalRun) -> dict[str, str]:
    found = sample_clauses()
    corpus = run.manifest.versions.get("corpus")
    if corpus is not None and corpus != corpus_version(found):
        raise RunMismatch("The run was made over other rules than those shipped; run it again.")
    return {clause.id: clause.text for clause in found}


def _material(
    sample: Sample, answer: Answer, clauses: Mapping[str, str], redact: Redact
) -> Material:
    sources: tuple[str, ...]
    if isinstance(answer, PostsAnswer):
        text, sources = answer.text, (redact(answer.ground),)
    elif isinstance(answer, DraftAnswer):
        text, sources = answer.text, _texts(sample, answer.context, clauses)
    else:
        raise TypeError(f"{sample.id} has no text to judge")
    return Material(
        question=redact(sample.text)[:LONGEST_TEXT],
        answer=redact(text)[:LONGEST_TEXT],
        sources=sources,
    )


def _texts(sample: Sample, ids: tuple[str, ...], clauses: Mapping[str, str]) -> tuple[str, ...]:
    lost = [one for one in ids if one not in clauses]
    if lost:
        raise RunMismatch(f"{sample.id} rests on {lost[0]}, which is not among the rules shipped.")
    return tuple(clauses[one] for one in ids)
