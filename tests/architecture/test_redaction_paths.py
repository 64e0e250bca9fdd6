"""Only few modules ever hold a message as it was sent; models, logs and exports get `Redacted`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

from service.domain.draft import ApprovedExample, DraftContext, ThreadTurn
from service.domain.text import Redacted
from service.domain.triage import Judgement
from service.ports.engines import PostInput

ROOT = Path(__file__).parents[2]

HOLDERS = {
    "domain/case.py": "the types themselves",
    "domain/views.py": "what a review page is made of; the page shows it through web/member.py",
    "ports/changes.py": "asks whether a case was answered or its author left",
    "db/repositories/changes.py": "compares ids and times of a case's messages",
    "ports/engines.py": "what the drafter is handed; the test below forbids its text there",
    "ports/store.py": "what repositories give",
    "db/repositories/cases.py": "reads messages",
    "db/repositories/messages.py": "writes messages",
    "flows/ingest.py": "takes messages in",
    "flows/changes.py": "takes edits in",
    "flows/triage.py": "hands texts to the engine, whose first step is redaction",
    "flows/rehearse.py": "the same, for a changed engine",
    "flows/preview/cases.py": "the same, for both sides of a replay",
    "flows/cascade.py": "asks a model with the triage's redacted text",
    "flows/draft.py": "asks a model with the triage's redacted text",
    "web/member.py": "shows messages redacted",
    "web/api/cases.py": "gives them through web/member.py",
}
"""Modules that may name a type that carries raw text, and why. Think before adding one."""

BLIND = ("drafting", "llm", "connectors", "jobs", "triage")
"""Rooms in which nobody may read the text of a case or its messages."""


def modules(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    base = ROOT / "service"
    for path in sorted(base.rglob("*.py")):
        name = path.relative_to(base).as_posix()
        if not rooms or name.split("/")[0] in rooms:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def names_raw_text(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("service.domain")
        and {alias.name for alias in node.names} & {"CaseText", "Message"}
        for node in ast.walk(tree)
    )


def reads_raw_text(tree: ast.Module) -> bool:
    """`case.text`, `given.case.text`, `case.messages`, `message.text`."""
    return any(
        isinstance(node, ast.Attribute)
        and (node.attr, _last(node.value))
        in {("text", "case"), ("messages", "case"), ("text", "message")}
        for node in ast.walk(tree)
    )


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_only_known_modules_name_raw_text() -> None:
    assert {name for name, tree in modules() if names_raw_text(tree)} == set(HOLDERS)


def test_engines_models_and_connectors_never_read_it() -> None:
    assert [name for name, tree in modules(*BLIND) if reads_raw_text(tree)] == []


def test_the_reader_of_this_test_can_fail() -> None:
    assert reads_raw_text(ast.parse("prompt = given.case.text"))
    assert names_raw_text(ast.parse("from service.domain.case import CaseText"))


def test_what_models_see_is_typed_as_redacted() -> None:
    assert DraftContext.model_fields["member_text"].annotation is Redacted
    assert ThreadTurn.model_fields["text"].annotation is Redacted
    for name in ("question", "text"):
        assert ApprovedExample.model_fields[name].annotation is Redacted
    assert Judgement.model_fields["redacted"].annotation is Redacted
    assert get_type_hints(PostInput)["redacted_points"] is Redacted
