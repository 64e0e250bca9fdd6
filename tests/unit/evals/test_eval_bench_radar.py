"""Made communities repeat with their seed, and alarms are weighed against their labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals.bench.figures import Figures, NotMeasured
from evals.bench.radar import TEST_SEEDS, TUNING_SEEDS, radar
from evals.bench.radar_chat import chat_plans, chat_rhythm
from evals.bench.radar_replay import judge_alarms, replay, replay_zscore, voices_of
from evals.bench.radar_series import DAY, HOUR, PLANS, WEEK, Community, Spike, make

ORDINARY = next(plan for plan in PLANS if plan.name == "ordinary")


def test_the_seed_decides_everything() -> None:
    first, again, other = make(ORDINARY, 1), make(ORDINARY, 1), make(ORDINARY, 2)
    assert np.array_equal(first.buckets, again.buckets)
    assert first.spikes == again.spikes
    assert first.spikes != other.spikes
    assert not set(TEST_SEEDS) & set(TUNING_SEEDS)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_a_community_is_what_its_plan_says(plan: object) -> None:
    made = make(plan, 5)  # type: ignore[arg-type]
    assert made.length == plan.weeks * WEEK  # type: ignore[attr-defined]
    assert len(made.spikes) == plan.spikes  # type: ignore[attr-defined]
    assert all(made.first_test <= spike.start < made.length for spike in made.spikes)
    assert np.all(np.diff(made.buckets) >= 0)
    assert made.buckets[-1] < made.length


def test_a_flood_is_one_voice() -> None:
    made = make(replace(ORDINARY, spikes=0, floods=1), 4)
    (at,) = made.floods
    window = slice(at, at + 4 * HOUR)
    messages = np.bincount(made.buckets, minlength=made.length)
    assert messages[window].sum() - voices_of(made)[window].sum() > 40


def quiet(spikes: tuple[Spike, ...], floods: tuple[int, ...] = ()) -> Community:
    one = np.array([0])
    return Community("x", "mid", WEEK, one, one, spikes, floods, 3 * WEEK)


def test_alarms_are_found_late_false_or_explained() -> None:
    start = WEEK + 100.5
    made = quiet((Spike(start, 8, 40, "step"), Spike(WEEK + 900.0, 8, 40, "step")), (WEEK + 400,))
    alarms = [WEEK + 10, WEEK + 102, WEEK + 103, WEEK + 403]
    tally = judge_alarms(made, alarms)
    assert tally.delays[0] == pytest.approx(22.5)
    assert np.isnan(tally.delays[1])
    assert (tally.false_alarms, tally.flooded, tally.weeks) == (2, 1, 2.0)


def test_the_radar_beats_a_plain_z_score_on_a_made_week() -> None:
    made = make(ORDINARY, 21)
    ours, peer = replay(made), replay_zscore(made)
    assert sum(d <= 60 for d in ours.delays) >= sum(d <= 60 for d in peer.delays)
    assert ours.flooded <= peer.flooded
    assert ours.false_alarms / ours.weeks <= 1


def test_a_chat_lends_its_rhythm_and_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "irc_threads_en" / "dev"
    folder.mkdir(parents=True)
    lines = [
        {"text": "secret", "channel": "c", "file": "f", "time": f"{9 + n // 30:02d}:{n % 60:02d}",
         "user": f"u{n % 7}"}
        for n in range(60)
    ]  # fmt: skip
    (folder / "dev.jsonl").write_text("\n".join(map(json.dumps, lines)))
    made = make(chat_plans()[0], 3, chat_rhythm(tmp_path))
    assert made.length == chat_plans()[0].weeks * WEEK
    assert len(made.buckets) > 50
    with pytest.raises(NotMeasured):
        chat_rhythm(None)


def test_without_data_only_the_chat_is_missing() -> None:
    figures = Figures()
    radar(figures, None, "radar.irc")
    assert figures.values["radar.irc.found_within_1h"] is None
    assert figures.notes["radar.irc.delay_min"] == "needs --data"
    assert "radar.found_within_1h" not in figures.values


def test_days_and_weeks_are_whole() -> None:
    assert (HOUR * 24, DAY * 7) == (DAY, WEEK)
