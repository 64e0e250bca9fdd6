"""The real suite as a child, over a few golden cases: its answer is one we can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.chunking import clauses_of
from retrieval.documents import parse
from retrieval.types import DocumentKind
from service.connectors.suite import ChildSuite
from service.domain.bank import BankTerm, TermKind
from service.domain.document import Document, DocumentStatus
from service.domain.evaluation import AGREEMENT_FILE, OWN_FOLDER, EvaluationVerdict, Findings
from service.flows.bank_trial import bank_trial
from service.flows.rules.rule_set import Held, RuleChange, RuleSet
from tests.plugins.app import START

pytestmark = pytest.mark.slow


async def test_a_term_is_compared_by_the_real_suite(model_cache: Path) -> None:
    term = BankTerm(
        id="t",
        community=None,
        phrase="拉横幅讨说法",
        kind=TermKind.SEVERITY,
        code="mob",
        floor=3,
        category=None,
        created_by="ann",
        created_at=START,
    )
    suite = ChildSuite(timeout_s=170, memory_mib=4096, cases=4, judged=2)
    trial = bank_trial(None, (), (term,))
    row = {
        "id": "smp_1",
        "lang": "zh",
        "text": "软件闪退",
        "expect": {"categories": ["bug_report"]},
    }
    more = {
        f"{OWN_FOLDER}/triage.jsonl": json.dumps(row) + "\n",
        AGREEMENT_FILE: '{"items": []}',
    }
    found = await suite.compare(trial.model_copy(update={"files": {**trial.files, **more}}))
    assert found.verdict in (EvaluationVerdict.INCONCLUSIVE, EvaluationVerdict.FAIL)
    assert set(found.cases) >= {"triage", "severity"}
    assert all(one.baseline == one.candidate for one in found.figures.values())
    assert found.figures["triage.top1[own]"].n == 1
    assert found.regressions == ()


QUESTIONS = (
    ("smp_1", "When do I get my refund?", "refunds#1.1"),
    ("smp_2", "How long does a refund take?", "refunds#1.1"),
    ("smp_3", "Are fees paid back?", "refunds#1.2"),
    ("smp_4", "What happens to the fees I paid?", "refunds#1.2"),
    ("smp_5", "Do I get my fees back?", "refunds#1.2"),
    ("smp_6", "Can fees be paid back?", "refunds#1.2"),
    ("smp_7", "Will you pay my fees back?", "refunds#1.2"),
)
RULES = "# Refunds\n\n1.1 Refunds are paid in seven days.\n\n1.2 Fees are not paid back.\n"


async def compared(changed: str) -> Findings:
    """A set of one document and a changed one, over a community's own cases alone."""
    sets = [RuleSet((held(text),)) for text in (RULES, changed)]
    trial = RuleChange("acme", "refunds", "2", *sets).trial()
    rows = [
        json.dumps({"id": id, "lang": "en", "query": text, "expect": {"clauses": [clause]}})
        for id, text, clause in QUESTIONS
    ]
    files = {**trial.files, "own/retrieval.jsonl": "\n".join(rows)}
    suite = ChildSuite(timeout_s=170, memory_mib=4096)
    return await suite.compare(trial.model_copy(update={"files": files}))


async def test_a_changed_rule_is_compared_by_own_cases(model_cache: Path) -> None:
    kept = await compared(RULES.replace("seven", "five"))
    assert (kept.verdict, kept.cases) == (EvaluationVerdict.PASS, {"retrieval": 7}), kept.reasons
    lost = await compared("# Refunds\n\n1.1 Refunds are paid in seven days.\n")
    assert lost.verdict is EvaluationVerdict.FAIL
    assert [one.partition(", p ")[0] for one in lost.reasons] == [
        "fail: retrieval regression own cases: 5 of 7 went worse, 0 better"
    ]
    assert {one.case for one in lost.regressions} == {f"smp_{n}" for n in range(3, 8)}


def held(text: str) -> Held:
    """A document as the product keeps it."""
    document = Document(
        id="doc_1", community="acme", slug="refunds", version=1, title="Refunds",
        kind=DocumentKind.RULES, lang="en", status=DocumentStatus.LIVE, filename="refunds.md",
        content_hash="", clause_count=0, created_at=START, created_by="ann",
    )  # fmt: skip
    parsed = parse(text.encode(), "refunds.md")
    return Held(
        document,
        clauses_of(parsed, slug="refunds", document_id="doc_1", version=1, kind=document.kind),
    )
