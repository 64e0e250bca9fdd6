"""Figures of speed, on few messages and with a hashing embedder: that they come out, not how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.bench import drafting, growth, pipeline
from evals.bench.figures import NotMeasured
from retrieval.config import EmbedderConfig
from service.domain.llm import ChatMessage, ChatRequest
from service.settings import Settings


@pytest.fixture
def hashing(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, embedder=EmbedderConfig(kind="hashing"))


def _write(folder: Path, name: str, texts: list[str]) -> None:
    (folder / name / "dev").mkdir(parents=True)
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    (folder / name / "dev" / "dev.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_sets_take_turns_until_one_ends(tmp_path: Path) -> None:
    for number, name in enumerate(pipeline.SETS):
        _write(tmp_path, name, [f"{number}a", f"{number}b", "", f"{number}d"][: 4 - number % 2])
    mixed = pipeline.real_messages(tmp_path, 8)
    assert mixed == ("0a", "1a", "2a", "3a", "4a", "0b", "1b", "2b")
    assert "" not in pipeline.real_messages(tmp_path, 100)


def test_real_messages_need_a_folder(hashing: Settings) -> None:
    with pytest.raises(NotMeasured):
        pipeline.real(hashing, None)


async def test_the_stand_in_cites_what_it_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "MODEL_S", 0.0)
    schema = {"properties": {"citations": {"type": "array", "items": {"enum": ["a", "b"]}}}}
    request = ChatRequest(
        feature="draft.reply",
        community="c",
        messages=(ChatMessage(role="user", content="?"),),
        json_schema=schema,
        schema_name="composition",
    )
    assert (await drafting.StandIn().complete(request)).data["citations"] == ["a"]
    bare = request.model_copy(update={"json_schema": {"properties": {}}})
    assert (await drafting.StandIn().complete(bare)).data["citations"] == []


def test_the_pipeline_is_measured_beside_the_embedder(hashing: Settings) -> None:
    taken = pipeline.made(hashing, 40)
    assert set(taken) == set(pipeline.MADE)
    assert 0 < taken["pipeline.ratio"] < 1


def test_growth_needs_more_rows_than_it_begins_with(hashing: Settings) -> None:
    with pytest.raises(NotMeasured):
        growth.growth(hashing, many=growth.FEW)


@pytest.mark.slow
def test_growth_is_measured_on_copies_that_the_lists_find(hashing: Settings) -> None:
    taken = growth.growth(hashing, many=4_000, few=2_000)
    assert set(taken) == set(growth.KEYS)
    assert all(value > 0 for value in taken.values())
