"""One catalogue: both languages say the same things, and nothing else."""

from __future__ import annotations

import re
import string
from enum import StrEnum
from pathlib import Path

import pytest

import service.drafting.checks as checks
import service.web
from service import errors
from service.domain.account import Role, Scope
from service.domain.alert import Finding, MetricKind
from service.domain.base import Lang
from service.domain.deadline import BreachKind
from service.domain.delivery import OutboxStatus
from service.domain.document import DocumentStatus
from service.domain.draft import DraftKind, HypothesisVerdict, Origin, RefusalKind
from service.domain.duplicates import LikenessReason
from service.domain.evaluation import Basis, EvaluationStatus, EvaluationVerdict, Stand, SubjectKind
from service.domain.example import ExampleStatus
from service.domain.gave_up import GaveUp
from service.domain.incident import EntryKind, IncidentStatus
from service.domain.preview import FlipKind
from service.domain.prompt import MoveKind, PromptLabel, PromptOrigin
from service.domain.refit import RefitVerdict
from service.domain.report import ReportKind, ReportStatus
from service.domain.result import Metric
from service.domain.review import RejectReason, TaskStatus, Verdict
from service.domain.routing import Pressing
from service.domain.sample import SampleOrigin, SampleStatus, SampleTask
from service.domain.slots import SlotState
from service.domain.spend import GaugeState, Limit
from service.domain.taxonomy import Department
from service.domain.triage import DuplicateKind, Sentiment, SignalKind, Urgency
from service.drafting import compose
from service.errors import AppError
from service.llm.failures import Reason
from service.ports.insights import Bucket, TrendGroup, TrendMetric
from service.ports.spending import UsageGroup
from service.web.i18n import Catalogue
from service.web.pages.cases import STATUSES

ROOT = Path(service.web.__file__).parent
CHECKS = Path(checks.__file__).parent
SOURCES = "\n".join(
    path.read_text("utf-8")
    for pattern in ("templates/**/*.html", "**/*.py")
    for path in ROOT.glob(pattern)
)
CATALOGUE = Catalogue()

FAMILIES: dict[str, type[StrEnum]] = {
    "role": Role,
    "kind": DraftKind,
    "task_status": TaskStatus,
    "urgency": Urgency,
    "sentiment": Sentiment,
    "department": Department,
    "signal": SignalKind,
    "metric": MetricKind,
    "playbook": MetricKind,
    "finding_kind": Finding,
    "incident_status": IncidentStatus,
    "incident_entry": EntryKind,
    "trend_metric": TrendMetric,
    "limit": Limit,
    "gauge": GaugeState,
    "usage_group": UsageGroup,
    "trend_group": TrendGroup,
    "bucket": Bucket,
    "post_metric": Metric,
    "slot_state": SlotState,
    "sample_task": SampleTask,
    "sample_status": SampleStatus,
    "sample_done": SampleStatus,
    "sample_origin": SampleOrigin,
    "subject_kind": SubjectKind,
    "evaluation_status": EvaluationStatus,
    "evaluation_verdict": EvaluationVerdict,
    "basis": Basis,
    "stand": Stand,
    "flip_kind": FlipKind,
    "gave_up": GaveUp,
    "duplicate": DuplicateKind,
    "likeness": LikenessReason,
    "origin": Origin,
    "refusal": RefusalKind,
    "verdict": Verdict,
    "reject": RejectReason,
    "outbox": OutboxStatus,
    "document_status": DocumentStatus,
    "scope": Scope,
    "example_status": ExampleStatus,
    "refit": RefitVerdict,
    "pressing": Pressing,
    "sla": BreachKind,
    "hypothesis_verdict": HypothesisVerdict,
    "report": ReportKind,
    "report_status": ReportStatus,
    "prompt_label": PromptLabel,
    "prompt_move": MoveKind,
    "prompt_origin": PromptOrigin,
}


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def used() -> set[str]:
    literal = set(re.findall(r"""\bt(?:ext)?\(\s*["']([a-z_.]+)["']\s*[,)]""", SOURCES))
    literal |= set(re.findall(r"""\.text\(lang, "([a-z_.]+)"[,)]""", SOURCES))
    return literal


def test_both_languages_hold_the_same_keys() -> None:
    assert CATALOGUE.keys(Lang.ZH) == CATALOGUE.keys(Lang.EN)


def test_both_languages_take_the_same_values() -> None:
    for key in CATALOGUE.keys(Lang.ZH):
        texts = [CATALOGUE.text(lang, key) for lang in Lang]
        assert fields(texts[0]) == fields(texts[1]), key


def test_no_text_is_empty() -> None:
    assert all(CATALOGUE.text(lang, key).strip() for lang in Lang for key in CATALOGUE.keys(lang))


def test_every_key_used_exists() -> None:
    assert used() - CATALOGUE.keys(Lang.ZH) == set()


def test_no_key_is_unused() -> None:
    families = set(re.findall(r"""term\(\s*(?:lang, )?["']([a-z_.]+)["']""", SOURCES))
    dynamic = (*(f"{family}." for family in families), "severity.", "span.")
    left = {key for key in CATALOGUE.keys(Lang.ZH) - used() if not key.startswith(dynamic)}
    assert left == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_machine_value_has_a_name(family: str) -> None:
    names = {f"{family}.{value}" for value in FAMILIES[family]}
    assert names <= CATALOGUE.keys(Lang.ZH)
    held = {key for key in CATALOGUE.keys(Lang.ZH) if key.startswith(f"{family}.")}
    assert held == names


def test_every_case_status_severity_and_error_has_a_name() -> None:
    keys = CATALOGUE.keys(Lang.ZH)
    assert {f"case_status.{status}" for status in STATUSES} <= keys
    assert {f"severity.{level}" for level in range(5)} <= keys
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {one.code for one in kinds if issubclass(one, AppError)}
    shown = codes - {"error", "provider_error", "idempotency_mismatch"}
    assert {f"error.{code}" for code in shown} <= keys
    assert {f"error_hint.{code}" for code in shown} <= keys


def test_every_check_of_a_draft_has_a_name() -> None:
    source = "\n".join(path.read_text("utf-8") for path in CHECKS.glob("*.py"))
    names = set(re.findall(r"""\bfinding\(\s*["']([a-z_]+)["']""", source))
    assert len(names) > 10
    assert {f"finding.{name}" for name in names} <= CATALOGUE.keys(Lang.EN)


def test_every_reason_to_degrade_has_a_name() -> None:
    reasons = {*Reason, compose.NO_MODEL, compose.TEMPLATE_CHANGED, compose.FAILED_CHECKS}
    reasons |= {compose.ORDERS, errors.TransientProviderError.code}
    reasons |= {errors.PermanentProviderError.code}
    held = {key for key in CATALOGUE.keys(Lang.ZH) if key.startswith("degraded.")}
    assert held == {f"degraded.{reason}" for reason in reasons}


def test_values_are_data_and_never_templates() -> None:
    assert CATALOGUE.text(Lang.EN, "task.held_by", name="{n}{0.__class__}").startswith("{n}{0.")


def test_an_unknown_machine_value_shows_itself() -> None:
    assert CATALOGUE.term(Lang.ZH, "signal", "brand_new") == "brand_new"


def test_templates_never_skip_escaping() -> None:
    templates = "\n".join(p.read_text("utf-8") for p in ROOT.glob("templates/**/*.html"))
    for forbidden in ("|safe", "| safe", "autoescape", "<style", " style=", "onclick", "<script>"):
        assert forbidden not in templates
