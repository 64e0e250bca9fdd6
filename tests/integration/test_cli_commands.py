"""The command line: files come in whole or by parts, mistakes are one sentence."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from evals.judges.trust import load_agreements
from service.cli.console import plain_errors
from service.errors import ConfigurationError, Conflict, InvalidInput, NotCompared, NotFound
from service.flows import ingest as ingest_flow
from service.triage.taxonomy import DEFAULT_FILE
from tests.plugins.cli import Run


def messages(path: Path, count: int) -> Path:
    rows = (
        {"source": "qq", "external_id": f"m{n}", "author": "ann", "text": f"message {n}"}
        for n in range(count)
    )
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def test_test_cases_are_exported_to_a_folder(run: Run, tmp_path: Path) -> None:
    found = run("samples", "export", "acme", "--out", "own")
    assert (found.exit_code, found.output) == (0, "no test case was accepted yet\n")
    assert not list((tmp_path / "own").iterdir())
    assert isinstance(run("samples", "export", "none", "--out", "own").exception, NotFound)


def test_labels_come_in_from_a_file_and_agreement_goes_out(run: Run, tmp_path: Path) -> None:
    items = [
        {"ref": f"evals:draft/d{n}/0", "lang": "zh", "material": {"answer": f"第{n}条"}}
        for n in range(3)
    ]
    path, out = tmp_path / "items.json", tmp_path / "agreement.json"
    path.write_text(json.dumps({"rubric": "tone", "items": items}))
    assert run("labels", "import", "acme", "items.json").output == "3 added, 0 known before\n"
    assert run("labels", "import", "acme", "items.json").output == "0 added, 3 known before\n"
    told = run("labels", "agreement", "acme", "--json", str(out))
    assert "nobody and no judge" in told.output
    assert load_agreements(out) == ()
    for name, text in (("list", "[]"), ("other", '{"items": [{"ref": ""}]}'), ("broken", "{")):
        (tmp_path / name).write_text(text)
        wrong = run("labels", "import", "acme", name, "--rubric", "tone").exception
        assert isinstance(wrong, InvalidInput), name
    path.write_text(json.dumps({"items": items}))
    assert "names no rubric" in str(run("labels", "import", "acme", "items.json").exception)
    for command in (("import", "none", "items.json", "--rubric", "tone"), ("agreement", "none")):
        assert isinstance(run("labels", *command).exception, NotFound), command


def counts(result: Result) -> tuple[int, ...]:
    found = re.search(r"(\d+) accepted, (\d+) already known, (\d+) rejected", result.output)
    assert found is not None, result.output
    return tuple(map(int, found.groups()))


def test_a_file_comes_in_and_is_not_read_twice(run: Run, tmp_path: Path) -> None:
    file = messages(tmp_path / "a.jsonl", 30)
    assert counts(run("ingest", str(file), "--community", "acme")) == (30, 0, 0)
    assert counts(run("ingest", str(file), "--community", "acme")) == (0, 0, 0)
    assert counts(run("ingest", str(file), "--community", "acme", "--restart")) == (0, 30, 0)


def test_a_stopped_run_goes_on_where_it_was(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.cli import ingest

    monkeypatch.setattr(ingest, "MAX_BATCH", 10)
    file = messages(tmp_path / "a.jsonl", 30)
    real, calls = ingest_flow.IngestFlow.ingest, 0

    async def failing(self: ingest_flow.IngestFlow, *args: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionError("the lights went out")
        return await real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest_flow.IngestFlow, "ingest", failing)
    assert run("ingest", str(file), "--community", "acme").exit_code != 0
    assert counts(run("ingest", str(file), "--community", "acme")) == (10, 0, 0)


def test_bad_rows_are_reported_by_line_and_the_rest_is_stored(run: Run, tmp_path: Path) -> None:
    file = messages(tmp_path / "a.jsonl", 2)
    with file.open("ab") as stream:
        stream.write(b'nonsense\n{"text": "\xff"}\n{"source": "qq", "text": ""}\n')
    result = run("ingest", str(file), "--community", "acme")
    assert result.exit_code == 3
    assert counts(result) == (2, 0, 3)
    report = (tmp_path / "a.jsonl.rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in report] == [3, 4, 5]
    assert all(json.loads(line)["problem"] for line in report)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("ingest", "missing.csv", "--community", "acme"), "There is no file"),
        (("rules", "upload", "missing.md", "--community", "acme"), "There is no file"),
        (("rules", "retire", "nothing", "--community", "acme"), "no live document"),
        (("users", "login-link", "nobody"), "no user"),
        (("keys", "revoke", "key_x"), "no such key"),
        (("communities", "deliver-to", "nowhere", "http://x"), "no community"),
        (("jobs", "requeue", "1"), "not among the failed"),
        (("worker",), "HUIYIN_VECTORS__MODE=server"),
    ],
)
def test_mistakes_are_one_sentence(
    run: Run, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], sentence: str
) -> None:
    result = run(*args)
    assert result.exit_code != 0
    assert result.exception is not None
    with pytest.raises(SystemExit), plain_errors():
        raise result.exception
    printed = capsys.readouterr().err
    assert sentence in " ".join(printed.split())
    assert "Traceback" not in printed


def test_people_and_keys(run: Run) -> None:
    assert run("users", "add", "小满", "--role", "moderator").exit_code == 0
    link = run("users", "login-link", "小满").output.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/login/\S{20,}", link)
    secret = run("keys", "create", "ops", "--scope", "triage").output.strip()
    assert re.fullmatch(r"hy_\w+", secret.replace("-", "_"))
    listed = run("keys", "list").output
    assert "triage" in listed
    assert secret not in listed


def test_documents(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    file.write_text("# 规则\n\n1.1 不发广告。\n", encoding="utf-8")
    assert (
        "v1: 1 clauses (+1 ~0 -0)"
        in run("rules", "upload", str(file), "--community", "acme").output
    )
    file.write_text("# 规则\n\n1.1 不发任何广告。\n\n1.2 友善。\n", encoding="utf-8")
    assert (
        "v2: 2 clauses (+1 ~1 -0)"
        in run("rules", "upload", str(file), "--community", "acme").output
    )
    assert "rules v2 live" in run("rules", "list", "--community", "acme").output
    assert run("rules", "retire", "rules", "--community", "acme").exit_code == 0
    assert run("rules", "list", "--community", "acme").output.strip() == ""


def test_terms_come_and_go(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "terms.csv"
    file.write_text("phrase,floor\n拉横幅,4\n堵门讨说法,\n", encoding="utf-8")
    shut = run("bank", "import", str(file), "--community", "acme", "--code", "mob")
    assert isinstance(shut.exception, NotCompared)
    past = ("--override", "没有时间做比对，先加上")
    done = run("bank", "import", str(file), "--community", "acme", "--code", "mob", *past)
    assert "2 added, 0 known" in done.output
    assert (
        "0 added, 1 known"
        in run("bank", "add", "拉横幅", "--community", "acme", "--code", "mob").output
    )
    listed = run("bank", "list", "--community", "acme", "--text", "横幅").output
    assert "severity 4 mob acme  拉横幅" in listed
    gone = run("bank", "retire", listed.split()[0], "--reason", "旧", *past)
    assert "is retired" in gone.output
    assert "拉横幅" not in run("bank", "list", "--community", "acme").output


def test_prompts_are_proposed_labelled_and_rolled_back(run: Run, tmp_path: Path) -> None:
    prompt, file = "reply/grounded.zh", tmp_path / "new.md"
    file.write_text(run("prompts", "show", prompt, "--version", "1").output.replace("起草", "写"))
    made = run("prompts", "propose", prompt, str(file), "--note", "换词")
    assert "version 2 is new" in made.output
    assert "+" in run("prompts", "diff", prompt, "--old", "1", "--new", "2").output
    run("prompts", "label", prompt, "--label", "candidate", "--version", "2", "--reason", "试")
    assert "10% of" in run("prompts", "split", prompt, "10", "--reason", "试").output
    assert f"{prompt}  v1 of 2  candidate v2 10%" in run("prompts", "list").output
    move = ("prompts", "label", prompt, "--version", "2", "--reason", "更好")
    assert isinstance(run(*move).exception, NotCompared)
    moved = run(*move, "--override", "没有模型可以比对，先上线").output
    assert "production of everybody: v1 -> v2 (moved)" in moved
    back = run("prompts", "rollback", prompt, "--version", "2", "--reason", "更糟").output
    assert "v2 -> v1 (rolled_back)" in back
    said = run("prompts", "history", prompt, "--community", "acme").output
    assert "更糟" in said
    assert isinstance(run("drafts", "replay", "draft_none").exception, NotFound)


def test_settings_are_listed(run: Run) -> None:
    assert "HUIYIN_LLM__BASE_URL" in run("settings").output


def test_limits_are_set_and_usage_is_listed(run: Run) -> None:
    assert "no limit is set" in run("llm", "budget", "acme").output
    done = run("llm", "limit", "acme", "--tokens-per-day", "500", "--cost-per-month", "2.5")
    assert "acme  tokens_per_day  0 of 500  free" in done.output
    assert "acme  cost_per_month  0 of 2.5  free" in run("llm", "budget", "acme").output
    assert "no calls in this time" in run("llm", "usage", "--by", "provider").output
    assert run("llm", "budget", "nowhere").exit_code == 1


def test_local_models_are_listed_and_pulled_only_whole(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_CACHE_DIR", str(tmp_path / "cache"))
    assert "huiyin models pull" in run("models", "list").output
    for args in (
        ("https://127.0.0.1:9/m.gguf", "--sha256", "short"),
        ("http://127.0.0.1:9/m.gguf", "--sha256", "0" * 64),
        ("https://127.0.0.1:9/m.gguf", "--sha256", "0" * 64),
    ):
        assert run("models", "pull", *args).exit_code == 1
    assert list(tmp_path.rglob("*.gguf")) == []


def test_people_can_be_locked_out_and_keys_rotated(run: Run) -> None:
    run("users", "add", "ann")
    assert run("users", "lock", "ann").exit_code == 0
    assert "ann  moderator  locked" in run("users", "list").output
    assert run("users", "unlock", "ann").exit_code == 0
    old = run("keys", "create", "ops", "--scope", "triage").output.strip()
    key_id = run("keys", "list").output.split()[0]
    new = run("keys", "rotate", key_id).output.strip()
    assert new.startswith("hy_")
    assert new != old


def test_receivers_are_web_addresses_and_secrets_differ_by_community(run: Run) -> None:
    assert run("communities", "deliver-to", "acme", "javascript:alert(1)").exit_code != 0
    run("communities", "add", "other", "--name-zh", "乙", "--name-en", "B")
    secrets = {run("communities", "webhook-secret", name).output for name in ("acme", "other")}
    assert len(secrets) == 2


def test_rules_are_rehearsed_and_activated_by_hash(run: Run, tmp_path: Path) -> None:
    at = datetime.now(UTC).isoformat()
    file = tmp_path / "m.jsonl"
    row = {"source": "qq", "external_id": "1", "author": "ann", "text": "我要退款", "sent_at": at}
    file.write_text(json.dumps(row), encoding="utf-8")
    run("ingest", str(file), "--community", "acme")
    assert run("jobs", "drain").exit_code == 0
    rule = {"id": "all", "then": {"department": "legal"}}
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"rules": [rule]}), encoding="utf-8")
    assert "version 1, 1 rules" in run("routing", "put", str(rules), "--community", "acme").output
    rehearsed = run("routing", "rehearse", "1", "--community", "acme").output
    assert "1 of 1 cases flip" in rehearsed
    digest = re.search(r"hash ([0-9a-f]{64})", rehearsed)
    assert digest
    wrong = run("routing", "activate", "1", "0" * 64, "--community", "acme")
    assert isinstance(wrong.exception, Conflict)
    done = run("routing", "activate", "1", digest[1], "--community", "acme")
    assert "version 1 decides" in done.output
    assert "* 1  1 rules" in run("routing", "list", "--community", "acme").output


def test_a_taxonomy_is_tried_on_past_cases(run: Run, tmp_path: Path) -> None:
    at = datetime.now(UTC).isoformat()
    file = tmp_path / "m.jsonl"
    row = {"source": "qq", "external_id": "1", "author": "ann", "text": "应用闪退", "sent_at": at}
    file.write_text(json.dumps(row), encoding="utf-8")
    run("ingest", str(file), "--community", "acme")
    assert run("jobs", "drain").exit_code == 0
    other = tmp_path / "taxonomy.toml"
    text = DEFAULT_FILE.read_text("utf-8")
    other.write_text(text.replace('owner = "product"', 'owner = "legal"'), encoding="utf-8")
    tried = run("shadow", "--community", "acme", "--taxonomy", str(other), "--days", "14")
    assert tried.exit_code == 0, tried.output
    assert re.search(r"[01] of 1 cases flip", tried.output)
    assert re.search(r"report rep_\w+", tried.output)
    broken = run("shadow", "--community", "acme", "--taxonomy", str(file))
    assert isinstance(broken.exception, InvalidInput)
    done = run("previews", "run", "bank", "应用闪退", "--community", "acme", "--floor", "4")
    assert done.exit_code == 0, done.output
    assert "1 of 1 cases come out otherwise" in done.output
    assert re.search(r"urgent a day: 0.0 -> 0.1", done.output)
    (name,) = re.findall(r"prv_\w+", done.output)
    assert name in run("previews", "list", "--community", "acme").output
    shown = run("previews", "show", name, "--kind", "severity_up")
    assert (shown.exit_code, "severity_up" in shown.output) == (0, True)
    assert isinstance(run("previews", "show", "prv_none").exception, NotFound)
    wrong = run("previews", "run", "bank", "应用闪退", "--community", "acme", "--days", "31")
    assert isinstance(wrong.exception, InvalidInput)
    assert isinstance(
        run("shadow", "--community", "acme", "--bank", str(tmp_path / "none")).exception,
        InvalidInput,
    )


def test_posts_are_asked_for_by_kind(run: Run, tmp_path: Path) -> None:
    listed = run("posts", "kinds").output
    assert "rule_proposal      规则提案 / Rule proposal" in listed
    assert re.search(r"\* deadline\s+datetime\s+Closes", listed)
    brief = tmp_path / "brief.json"
    variants = [{"format": "chat"}, {"format": "long"}]
    brief.write_text(json.dumps({"title": "停机", "points": ["周六停机"], "variants": variants}))
    asked = run("posts", "request", str(brief), "--community", "acme")
    assert re.match(r"post_\w+, 2 drafts to come", asked.output), asked.output
    brief.write_text(json.dumps({"title": "停机", "points": "x"}))
    refused = run("posts", "request", str(brief), "--community", "acme")
    assert isinstance(refused.exception, InvalidInput)
    assert "points" in str(refused.exception)
    brief.write_text(json.dumps({"kind": "incentive", "title": "抽奖"}))
    refused = run("posts", "request", str(brief), "--community", "acme")
    assert isinstance(refused.exception, InvalidInput)
    assert refused.exception.details == {"field": "inputs.form", "problem": "required"}


def test_a_server_whose_model_has_no_key_does_not_start(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "HUIYIN_LLM__PROVIDERS",
        '[{"name": "one", "base_url": "http://127.0.0.1:9/v1", "model": "m",'
        ' "api_key_ref": "env:NOT_SET_ANYWHERE"}]',
    )
    done = run("serve", "--port", "8221")
    assert isinstance(done.exception, ConfigurationError)
    assert "NOT_SET_ANYWHERE" in str(done.exception)
