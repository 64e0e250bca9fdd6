"""A changed rule set is asked about by the cases that can tell, golden and own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from evals import cli
from evals.candidate import CandidateVerdict, Pair, judge
from evals.errors import StateInvalid
from evals.gate import OWN_CASES
from evals.model import EvalRun
from evals.registry import Registry
from evals.rules_trial import rules_cases
from evals.sample_rules import clauses_at
from evals.state import State
from evals.state_files import with_rules
from evals.suite import Plan
from evals.thresholds import TaskBars, Thresholds, load_thresholds
from retrieval.chunking import clauses_of
from retrieval.documents import parse
from retrieval.types import DocumentKind
from service.domain.document import Document, DocumentStatus
from service.flows.rules.rule_set import Held, RuleChange, RuleSet

AT = datetime(2026, 1, 5, tzinfo=UTC)
RULES = "# Refunds\n\n1.1 Refunds are paid in seven days.\n\n1.2 Fees are kept.\n"
OWN = [
    {"id": f"smp_{n}", "lang": "en", "query": "When?", "expect": {"clauses": ["refunds#1.1"]}}
    for n in range(3)
]


def held(text: str, slug: str = "refunds") -> Held:
    """A document as the product keeps it."""
    document = Document(
        id=f"doc_{slug}", community="acme", slug=slug, version=1, title="Refunds",
        kind=DocumentKind.RULES, lang="en", status=DocumentStatus.LIVE, filename=f"{slug}.md",
        content_hash="", clause_count=0, created_at=AT, created_by="ann",
    )  # fmt: skip
    parsed = parse(text.encode(), f"{slug}.md")
    clauses = clauses_of(
        parsed, slug=slug, document_id=document.id, version=1, kind=DocumentKind.RULES
    )
    return Held(document, clauses)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the product gives the suite: a set before and after, and own cases."""
    before, after = RuleSet((held(RULES),)), RuleSet((held(RULES.replace("seven", "five")),))
    files = dict(RuleChange("acme", "refunds", "2", before, after).trial().files)
    files["own/retrieval.jsonl"] = "".join(json.dumps(row) + "\n" for row in OWN)
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_suite_reads_rules_as_the_product_keeps_them(folder: Path) -> None:
    state = with_rules(State(), folder / "candidate")
    found = clauses_at(state.rules)
    assert [one.id for one in found] == ["refunds#1.1", "refunds#1.2"]
    assert "five days" in found[0].text
    assert state.rules_version() != with_rules(State(), folder / "production/rules").rules_version()
    (folder / "candidate" / "0001.json").write_text('{"slug": "x"}')
    with pytest.raises(StateInvalid, match=r"0001\.json"):
        with_rules(State(), folder / "candidate")


def test_cases_are_those_about_either_set(folder: Path) -> None:
    other = with_rules(State(), folder / "candidate")
    plan = Plan(folder / "runs", AT, own=folder / "own")
    cases = rules_cases(("retrieval", "draft"), (other, other), plan)
    assert {task: [one.id for one in found.samples] for task, found in cases.items()} == {
        "retrieval": [row["id"] for row in OWN]
    }
    assert all(one.own for one in cases["retrieval"].samples)
    both = rules_cases(("retrieval",), (State(), other), replace(plan, own=None))
    assert len(both["retrieval"].samples) > 200


def asked_of_own(helpers: SimpleNamespace, wrong: int) -> EvalRun:
    """Eight own cases and no golden one, of which so many come out wrong."""
    samples = [helpers.sample(n).model_copy(update={"own": True}) for n in range(8)]
    given = ["chat" if n < wrong else "praise" for n in range(8)]
    run: EvalRun = helpers.run(samples, [helpers.answer(name) for name in given])
    return run


@pytest.mark.parametrize(
    ("wrong", "state", "named"),
    [
        (0, "pass", "0 of 8 went worse"),
        (1, "inconclusive", "case-0"),
        (5, "fail", "case-0, case-1, case-2, case-3, case-4"),
    ],
)
def test_own_cases_alone_follow_the_rule_every_change_follows(
    helpers: SimpleNamespace, found: Registry, wrong: int, state: str, named: str
) -> None:
    pairs = [Pair(asked_of_own(helpers, 0), asked_of_own(helpers, wrong))]
    bars = load_thresholds()
    verdict = judge(pairs, bars, found, few=True)
    open_checks = [one for one in verdict.checks if one.state != "pass"]
    assert verdict.state == state
    assert {one.name for one in open_checks} <= {OWN_CASES}, "nothing else holds it up"
    (check,) = (one for one in verdict.checks if one.name == OWN_CASES)
    assert named in check.detail


def test_what_no_case_asks_holds_no_rules_up(good_run: EvalRun, found: Registry) -> None:
    bars = Thresholds(
        tasks={
            "triage": TaskBars(
                at_least={"severity_floor": 1.0}, absolute=("severity_floor",),
                regression=("top1", "severity_floor"),
            )
        }
    )  # fmt: skip
    pairs = [Pair(good_run, good_run)]
    assert judge(pairs, bars, found).state == "inconclusive"
    assert judge(pairs, bars, found, few=True).state == "pass"


def tried(folder: Path) -> tuple[int, CandidateVerdict]:
    """Exit code and record of the change in the folder."""
    answer = folder / "verdict.json"
    given = [
        *("--subject", "rules", "--file", f"{folder}/candidate", "--out", f"{folder}/out"),
        *("--production", f"{folder}/production", "--own", f"{folder}/own", "--json", f"{answer}"),
    ]
    done = CliRunner().invoke(cli.app, ["candidate", *given])
    return done.exit_code, CandidateVerdict.model_validate_json(answer.read_text())


def test_too_few_cases_say_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(folder / "data"))
    code, record = tried(folder)
    assert (code, record.verdict) == (3, "inconclusive")
    assert record.reasons == ("3 cases are about these rules; 4 are needed.",)
