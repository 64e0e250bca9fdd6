"""The share of calls counts cases as ingest joins them; accuracy follows what the model says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from evals.bench import cascade
from evals.bench.figures import NotMeasured
from evals.production import NOW, ProductionEngines
from service.sample import community
from tests.plugins.web import KeywordTriager


class Engines:
    """Keyword triage, which abstains on what it does not know, and no chat model."""

    chat = None

    def __init__(self) -> None:
        self.triager = KeywordTriager()


@pytest.fixture
def engines() -> ProductionEngines:
    return cast("ProductionEngines", Engines())


def item(minute: int, text: str, author: str = "ann") -> dict[str, Any]:
    at = NOW + timedelta(minutes=minute)
    return {
        "source": "qq", "external_id": f"m{minute}", "author": author, "text": text, "sent_at": at,
    }  # fmt: skip


def test_bursts_are_joined_and_staff_left_out() -> None:
    (boss, *_) = community().staff
    given = [
        item(0, "一"),
        item(1, "二"),
        item(2, "别", boss),
        item(60, "三"),
        item(61, "四", "bob"),
    ]
    assert cascade._joined_texts(given) == ["一\n二", "三", "四"]


def test_the_share_is_of_all_messages(engines: ProductionEngines) -> None:
    found = cascade.share(engines)
    both = found["triage.llm_share_sample"], found["triage.llm_share_golden"]
    assert 0 < min(both) <= found["triage.llm_share"] <= max(both) < 1


def test_a_perfect_oracle_is_right_about_everything_it_is_asked(
    engines: ProductionEngines,
) -> None:
    found = cascade.against_oracle(engines)
    assert found["cascade.all_100"] == 1
    assert found["cascade.heads"] < found["cascade.asked_85"] < found["cascade.asked_100"]
    assert 0.75 < found["cascade.all_85"] < 0.95


def test_without_a_model_the_figure_is_missing(engines: ProductionEngines) -> None:
    with pytest.raises(NotMeasured, match="HUIYIN_LLM__BASE_URL"):
        cascade.against_model(engines)
