"""The real suite as a child, over a few golden cases: its answer is one we can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.connectors.suite import ChildSuite
from service.domain.bank import BankTerm, TermKind
from service.domain.evaluation import OWN_FOLDER, EvaluationVerdict
from service.flows.bank_trial import bank_trial
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
    suite = ChildSuite(timeout_s=170, memory_mib=4096, cases=4)
    trial = bank_trial(None, (), (term,))
    row = {
        "id": "smp_1",
        "lang": "zh",
        "text": "软件闪退",
        "expect": {"categories": ["bug_report"]},
    }
    own = {f"{OWN_FOLDER}/triage.jsonl": json.dumps(row) + "\n"}
    found = await suite.compare(trial.model_copy(update={"files": {**trial.files, **own}}))
    assert found.verdict in (EvaluationVerdict.INCONCLUSIVE, EvaluationVerdict.FAIL)
    assert set(found.cases) >= {"triage", "severity"}
    assert all(one.baseline == one.candidate for one in found.figures.values())
    assert found.figures["triage.top1[own]"].n == 1
    assert found.regressions == ()
