"""Alerts grow and incidents go forward only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.alert import Alert, Finding, Metric, MetricKind, Reading, alert_of
from service.domain.incident import Incident, IncidentStatus
from service.errors import IllegalTransition

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def reading(minutes: int = 0, **changes: object) -> Reading:
    until = NOW + timedelta(minutes=minutes)
    base: dict[str, object] = {
        "metric": Metric(kind=MetricKind.CATEGORY, key="bug_report"),
        "since": until - timedelta(hours=1),
        "until": until,
        "baseline": 2.0,
        "observed": 20,
        "authors": 12,
        "surprise": 6.0,
        "finding": Finding.SPIKE,
        "level": 3,
        "evidence": ("case_1",),
    }
    return Reading.model_validate(base | changes)


def incident(**changes: object) -> Incident:
    base = {"id": "inc_1", "community": "acme", "level": 2, "opened_at": NOW, "last_at": NOW}
    return Incident.model_validate(base | changes)


def test_a_metric_is_named_by_kind_and_key() -> None:
    assert Metric(kind=MetricKind.VOLUME).name == "volume"
    assert reading().metric.name == "category:bug_report"


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 50)), min_size=1, max_size=8))
def test_an_alert_never_sinks(steps: list[tuple[int, float]]) -> None:
    alert = alert_of("al_1", "acme", reading())
    for number, (level, surprise) in enumerate(steps):
        after = alert.with_reading(
            reading(15 * number, level=level, surprise=surprise, evidence=(f"case_{number}",))
        )
        assert after.level >= alert.level
        assert after.surprise >= alert.surprise
        assert after.last_at >= alert.last_at
        assert set(alert.evidence) <= set(after.evidence)
        assert after.started_at == alert.started_at
        alert = after


def test_an_alert_ends_when_its_metric_stays_calm() -> None:
    alert = alert_of("al_1", "acme", reading())
    assert alert.open_at(NOW + timedelta(hours=3))
    assert not alert.open_at(NOW + timedelta(hours=3, minutes=15))


def test_the_evidence_of_a_long_alert_is_bounded() -> None:
    alert = alert_of("al_1", "acme", reading(evidence=tuple(f"c{n}" for n in range(50))))
    assert len(alert.with_reading(reading(15)).evidence) == 20


def test_an_incident_is_acknowledged_then_closed() -> None:
    acknowledged = incident().acknowledge("wen", NOW)
    assert (acknowledged.status, acknowledged.acknowledged_by) == ("acknowledged", "wen")
    closed = acknowledged.close("li", NOW + timedelta(hours=1))
    assert (closed.status, closed.closed_by) == (IncidentStatus.CLOSED, "li")


@pytest.mark.parametrize(
    ("start", "step"),
    [
        (IncidentStatus.OPEN, "close"),
        (IncidentStatus.ACKNOWLEDGED, "acknowledge"),
        (IncidentStatus.CLOSED, "acknowledge"),
        (IncidentStatus.CLOSED, "close"),
    ],
)
def test_no_step_is_skipped_or_taken_back(start: IncidentStatus, step: str) -> None:
    with pytest.raises(IllegalTransition):
        getattr(incident(status=start), step)("wen", NOW)


def test_an_incident_takes_alerts_while_it_is_fresh() -> None:
    alert: Alert = alert_of("al_1", "acme", reading(30, level=4))
    heard = incident().heard(alert)
    assert (heard.level, heard.last_at) == (4, NOW + timedelta(minutes=30))
    assert heard.takes(NOW + timedelta(hours=6))
    assert not heard.takes(NOW + timedelta(hours=7))
    assert not incident(status="closed").takes(NOW)
