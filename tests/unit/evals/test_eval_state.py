"""Files that stand in the place of a shipped part: read, checked, named by their hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.errors import StateInvalid
from evals.record import recorded, settings_record
from evals.state import State
from evals.state_files import read_state, with_bank, with_prompt, with_rules, with_thresholds
from evals.subject import TASKS, UNTOLD, Subject
from prompts.loader import load_prompts
from service.settings import LLMSettings, Settings
from service.triage.taxonomy import DEFAULT_FILE

GROUNDED = "reply/grounded.zh"


def _shipped(template_id: str = GROUNDED) -> str:
    return load_prompts().get(template_id).text


def test_a_subject_reads_back_as_it_was_written() -> None:
    for text in ("prompt:reply/grounded.zh@7", "taxonomy@3", "bank", "rules@2026-01"):
        assert str(Subject.parse(text)) == text
    assert Subject.parse("prompt:reply/grounded.zh@7").tasks == ("draft", "attacks")
    assert Subject.parse("prompt:post/welcome.en").tasks == ("posts",)
    assert Subject.parse("prompt:theme/name.zh").tasks == ()
    for wrong in ("weather", "prompt", "bank:spam", ""):
        with pytest.raises(StateInvalid):
            Subject.parse(wrong)
    assert all(TASKS.values())


def test_each_prompt_has_tasks_that_can_tell_or_a_sentence_why_none_can() -> None:
    subjects = [Subject.parse(f"prompt:{one.id}") for one in load_prompts()]
    assert {one.name.split("/")[0] for one in subjects} == {
        "reply", "post", "judge", "classify", "theme"
    }  # fmt: skip
    assert all(bool(one.tasks) is not bool(one.untold) for one in subjects)
    known = [f"prompt:{one.name}" for one in subjects]
    for start in (*TASKS, *UNTOLD):
        assert not start.startswith("prompt:") or any(name.startswith(start) for name in known)
    unknown = "No golden case is about this subject."
    assert unknown not in {one.untold for one in subjects}
    assert Subject.parse("prompt:weather/sun.zh").untold == unknown


def test_a_prompt_is_known_by_the_hash_its_version_is_stored_under(tmp_path: Path) -> None:
    subject = Subject.parse(f"prompt:{GROUNDED}")
    path = tmp_path / "candidate.md"
    path.write_text(_shipped())
    assert subject.digest(with_prompt(State(), GROUNDED, path)) == subject.digest(State())
    path.write_text(_shipped() + "请简短。\n")
    changed = with_prompt(State(), GROUNDED, path)
    template, _ = changed.library.pick(GROUNDED)
    assert subject.digest(changed) == template.hash != load_prompts().get(GROUNDED).hash
    assert changed.library.known(GROUNDED, template.hash) is template
    assert changed.library.pick("reply/grounded.en") == load_prompts().pick("reply/grounded.en")


def test_a_stored_version_brings_its_own_partials(tmp_path: Path) -> None:
    path = tmp_path / "candidate.json"
    shipped = load_prompts()
    other = shipped.partials["grounding.zh"] + "每句都要有依据。\n"
    path.write_text(json.dumps({"text": _shipped(), "partials": {"grounding.zh": other}}))
    template, _ = with_prompt(State(), GROUNDED, path).library.pick(GROUNDED)
    assert template.hash != shipped.get(GROUNDED).hash
    assert template.partials["grounding.zh"] == other


def test_a_prompt_that_lost_a_variable_of_the_contract_is_refused(tmp_path: Path) -> None:
    lines = _shipped().splitlines(keepends=True)
    lost = ("passages: {type: text, fenced: true}", "$passages")
    path = tmp_path / "candidate.md"
    path.write_text("".join(line for line in lines if line.strip() not in lost))
    with pytest.raises(StateInvalid, match="variable passages is missing"):
        with_prompt(State(), GROUNDED, path)
    with pytest.raises(StateInvalid, match="There is no prompt"):
        Subject.parse("prompt:reply/none.zh").digest(State())


def test_a_bank_is_files_and_active_terms(tmp_path: Path) -> None:
    path = tmp_path / "bank.json"
    term = {"phrase": "拉闸走人", "kind": "severity", "floor": 2, "id": "t1", "status": "active"}
    retired = {**term, "phrase": "早就不用", "status": "retired"}
    spam = '[[signal]]\nkind = "spam"\ncode = "made"\nphrases = ["代刷代练"]\n'
    path.write_text(json.dumps({"files": {"spam.toml": spam}, "terms": [term, retired]}))
    state = with_bank(State(), path, tmp_path / "work")
    assert [one.phrase for one in state.terms] == ["拉闸走人"]
    assert len(state.bank_files) == len(State().bank_files)
    assert state.bank_version() != State().bank_version()
    path.write_text(json.dumps({"terms": [{"phrase": "x" * 500, "floor": 2}]}))
    with pytest.raises(StateInvalid, match="term 1"):
        with_bank(State(), path, tmp_path / "work")
    path.write_text(json.dumps({"files": {"../../evil.toml": spam}}))
    hostile = with_bank(State(), path, tmp_path / "work")
    assert all(one.parent in (tmp_path / "work", DEFAULT_FILE.parent / "bank")
               for one in hostile.bank_files)  # fmt: skip


def test_limits_are_checked_and_named(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    path.write_text('{"label_confidence": 0.4}')
    state = with_thresholds(State(), path)
    path.write_text('{"rule_confidence": 0.5}')
    both = with_thresholds(state, path)
    assert both.thresholds.given == {"label_confidence": 0.4, "rule_confidence": 0.5}
    for wrong in ('{"label_confidence": 4}', '{"lable": 0.4}', "[]", "{"):
        path.write_text(wrong)
        with pytest.raises(StateInvalid, match=r"limits\.json"):
            with_thresholds(State(), path)


def test_a_folder_holds_what_production_has(tmp_path: Path) -> None:
    (tmp_path / "prompts" / "reply").mkdir(parents=True)
    (tmp_path / "prompts" / "reply" / "grounded.zh.md").write_text(_shipped() + "请简短。\n")
    (tmp_path / "thresholds.json").write_text('{"supported": 0.9}')
    (tmp_path / "taxonomy.toml").write_bytes(DEFAULT_FILE.read_bytes())
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "refund.md").write_text("# 退款\n\n## 一、期限\n\n七天内可以退款。\n")
    state = read_state(tmp_path, tmp_path / "work")
    assert list(state.prompts) == [GROUNDED]
    assert state.taxonomy_version() == State().taxonomy_version()
    assert state.rules_version() != State().rules_version()
    noted = recorded(state)
    assert noted.thresholds == {"supported": 0.9}
    assert set(noted.documents) == {"refund"}
    assert noted.templates[GROUNDED] != recorded(State()).templates[GROUNDED]
    with pytest.raises(StateInvalid, match="no rule documents"):
        with_rules(State(), tmp_path / "prompts")


def test_no_secret_is_noted_down() -> None:
    llm = LLMSettings(
        base_url="https://me:hunter2@models.example/v1?key=s3cret", model="m", api_key="k3y"
    )
    noted = settings_record(Settings(llm=llm, embedder={"kind": "openai", "api_key": "k4y"}))
    assert "m (max" in noted["llm"]
    assert "models.example/v1" in noted["endpoint"]
    for secret in ("hunter2", "s3cret", "k3y", "k4y"):
        assert secret not in str(noted)
