"""Prompt versions by models: the same cases for all, dead models unscored, words corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evals import cli
from evals.cases import DraftAnswer, DraftExpect, Sample
from evals.datasets import FILES
from evals.errors import EvalError, StateInvalid
from evals.matrix.axes import models, versions
from evals.matrix.model import Cell, Difference, Matrix
from evals.matrix.paired import corrected
from evals.production import ProductionEngines
from evals.registry import Registry
from evals.sample_rules import clauses_at
from evals.wiring import Engines
from prompts.loader import load_prompts
from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.llm import ChatMessage, ChatReply, ChatRequest
from service.errors import TransientProviderError
from service.settings import LLMSettings, ProviderSettings, Settings

ZH = "reply/grounded.zh"
SHIPPED = load_prompts().get(ZH)


class Stub:
    """A model by name: `dead` never answers, `tired` answers every other question."""

    def __init__(self, name: str) -> None:
        self.name, self.asked = name, 0

    async def complete(self, request: ChatRequest, *, on_delta: object = None) -> ChatReply:
        self.asked += 1
        if self.name == "dead" or (self.name == "tired" and self.asked % 2):
            raise TransientProviderError("away", reason="timeout")
        data: dict[str, object] = {"model": self.name}
        return ChatReply(data=data, model=self.name, prompt_tokens=300, completion_tokens=30)


class Drafts:
    """A draft task of one call: `weak` cites nothing, and so does everybody by a changed prompt
    in its language; who gets no answer gives the template's."""

    chunk, concurrency = 1, 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._changed = SHIPPED.hash[:12] not in engines.record().templates[ZH]

    def versions(self) -> dict[str, str]:
        return {"writer": "stub"}

    async def answer(self, samples: Sequence[Sample]) -> tuple[DraftAnswer, ...]:
        (sample,) = samples
        assert isinstance(sample.expect, DraftExpect)
        right = DraftAnswer(
            text=f"答 {sample.id} <script>",
            cited=sample.expect.cite[:1],
            context=sample.expect.cite,
            origin=Origin.TEMPLATE,
            lang=sample.lang,
            member_pii=(),
            findings=(),
        )
        if self._engines.chat is None:
            return (right,)
        try:
            reply = await self._engines.chat.complete(_request(sample))
        except TransientProviderError:
            return (right.model_copy(update={"degraded_because": "timeout"}),)
        weak = reply.data["model"] == "weak" or (self._changed and sample.lang is Lang.ZH)
        changes = {"origin": Origin.MODEL, "cited": () if weak else right.cited}
        return (right.model_copy(update=changes),)


def _request(sample: Sample) -> ChatRequest:
    return ChatRequest(
        feature="draft_reply",
        community="c",
        messages=(ChatMessage(role="user", content=sample.text),),
        json_schema={},
        schema_name="reply",
    )


class Bare(ProductionEngines):
    """The engines without what the stand-in task does not need."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        for name in ("embedder", "triager", "rules", "redactor", "drafter"):
            self.__dict__[name] = object()


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    path = tmp_path / "changed.md"
    path.write_text(f"{SHIPPED.text}\n再短一点。\n", encoding="utf-8")
    return path


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: Registry) -> Path:
    """A folder where the command runs over stand-ins."""

    def chat(settings: LLMSettings, *_: object) -> Stub | None:
        return Stub(settings.model) if settings.model else None

    stand_in = Registry({"draft": Drafts}, found.case_scorers, found.total_scorers)
    monkeypatch.setattr("service.llm.build.build_chat", chat)
    monkeypatch.setattr("evals.production.ProductionEngines", Bare)
    monkeypatch.setattr("evals.matrix.cli.registry", lambda: stand_in)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _matrix(*more: str) -> Result:
    given = ["matrix", "--limit", "40", "--out", "out", *more]
    return CliRunner().invoke(cli.app, given)


def _written() -> Matrix:
    return Matrix.model_validate_json(Path("out/matrix.json").read_text())


URL = "http://m/v1"


def test_every_cell_has_the_same_cases_and_is_compared_with_the_first(
    desk: Path, changed: Path
) -> None:
    given = ["--prompt", f"{ZH}={changed}", "--model", f"good={URL}", "--model", f"weak={URL}"]
    done = _matrix(*given)
    assert done.exit_code == 0, done.output
    made = _written()
    assert [(cell.prompt, cell.model) for cell in made.cells] == [
        (prompt, model) for prompt in made.prompts for model in made.models
    ]
    first, weak, shorter, _ = made.cells
    assert {cell.answers for cell in made.cells} == {40}
    assert first.figure("cite_recall").value == 1  # type: ignore[union-attr]
    assert (first.differences, made.reference) == ((), 0)
    of_all = {one.metric: one for one in weak.differences if one.slice == "all"}
    assert of_all["cite_recall"].word == "worse"
    assert (of_all["reply_language"].changed, of_all["reply_language"].word) == (0, "same")
    of_zh = {d.slice: d for d in shorter.differences if d.metric == "cite_recall"}
    assert (of_zh["lang:zh"].word, of_zh["lang:en"].difference) == ("worse", 0)
    assert first.usage is not None
    assert (first.usage.calls, first.usage.tokens, first.usage.cost) == (40, 13_200, None)
    assert made.prompts[made.cells[2].prompt][ZH] != SHIPPED.hash[:12]


def test_own_cases_are_asked_of_every_cell_and_stand_apart(desk: Path, changed: Path) -> None:
    clause = clauses_at(None)[0].id
    rows = [
        {"id": f"smp_{n}", "lang": "zh", "text": f"问 {n}", "expect": {"cite": [clause]}}
        for n in range(6)
    ]
    own = desk / "mine" / FILES["draft"]
    own.parent.mkdir()
    own.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = ["--prompt", f"{ZH}={changed}", "--model", f"good={URL}"]
    for path in (own.parent, own):
        done = _matrix(*given, "--own", str(path))
        assert done.exit_code == 0, done.output
        made = _written()
        first, shorter = made.cells
        assert (made.slices, first.answers) == (("all", "lang:zh", "lang:en", "own"), 46)
        mine, golden = first.figure("cite_recall", "own"), first.figure("reply_language")
        assert mine is not None
        assert golden is not None
        assert (mine.value, mine.n, golden.n) == (1, 6, 40)
        lost = shorter.difference("cite_recall", "own")
        assert lost is not None
        assert (lost.n, lost.difference, lost.word) == (6, -1, "worse")
        assert {one.sample_id for one in shorter.moved} >= {f"smp_{n}" for n in range(6)}
    assert "cite_recall (own)" in done.output
    assert '<th class="n">own</th>' in Path("out/matrix.html").read_text()
    assert _matrix(*given, "--own", str(desk / "none")).exit_code != 0


def test_a_dead_model_leaves_its_column_unscored_and_is_not_asked_again(
    desk: Path, changed: Path
) -> None:
    given = ["--prompt", f"{ZH}={changed}", "--model", f"dead={URL}", "--model", f"good={URL}"]
    done = _matrix(*given)
    assert done.exit_code == 0, done.output
    made = _written()
    for cell in made.cells[0], made.cells[2]:
        assert cell.unscored == "the model gave no answer (timeout)"
        assert (cell.figures, cell.differences, cell.usage) == ((), (), None)
    assert made.reference == 1, "the first that is scored"
    assert len(list(Path("out").glob("*/*-draft"))) == 3, "the second row was not tried"
    assert "unscored, the model gave no answer (timeout)" in done.output
    alone = _matrix("--model", f"dead={URL}")
    assert alone.exit_code == 3


def test_cases_a_model_gave_no_answer_to_are_unscored_not_the_templates(desk: Path) -> None:
    assert _matrix("--model", f"tired={URL}", "--model", "none").exit_code == 0
    tired, templates = _written().cells
    assert (tired.lost, tired.answers, templates.lost) == (20, 20, 0)
    answered = tired.figure("reply_language")
    assert answered is not None
    assert (answered.n, answered.unscored) == (20, 0)
    assert all(one.n <= 20 for one in templates.differences), "only what both scored"


def test_templates_have_no_second_row(desk: Path, changed: Path) -> None:
    _matrix("--prompt", f"{ZH}={changed}", "--model", "none")
    first, second = _written().cells
    assert (first.unscored, second.unscored) == (None, "templates do not use the prompt")


def test_a_second_call_asks_nothing_again(desk: Path) -> None:
    _matrix("--model", f"good={URL}")
    _matrix("--model", f"good={URL}", "--resume")
    assert len(list(Path("out").glob("*/*-draft"))) == 1
    (again,) = _written().cells
    assert again.usage is not None
    assert (again.usage.calls, again.usage.kept) == (40, 0)
    _matrix("--model", f"good={URL}", "--seed", "7")
    (cached,) = _written().cells
    assert cached.usage is not None
    assert (cached.usage.calls, cached.usage.kept) == (40, 40)


def test_the_page_leads_from_differences_to_the_cases(desk: Path) -> None:
    _matrix("--model", f"good={URL}", "--model", f"weak={URL}")
    page = Path("out/matrix.html").read_text()
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace(URL, ""), "loads nothing"
    links = re.findall(r'href="#([^"]+)"', page)
    assert any(link.startswith("moved-1-cite_recall") for link in links)
    assert any(link.startswith("case-") for link in links)
    assert set(links) <= set(re.findall(r' id="([^"]+)"', page))
    assert 'aria-label="cite_recall and tokens"' in page


def test_what_cannot_be_a_row_is_named(tmp_path: Path, changed: Path) -> None:
    assert [row.name for row in versions([], "draft")] == ["as shipped"]
    (tmp_path / "same.md").write_text(SHIPPED.text, encoding="utf-8")
    (tmp_path / "bad.md").write_text("nothing", encoding="utf-8")
    for given, error, told in (
        (f"{ZH}", EvalError, "names no file"),
        (f"post/welcome.zh={changed}", EvalError, "does not use"),
        (f"{ZH}={tmp_path}/same.md", EvalError, "is what is shipped"),
        (f"{ZH}={tmp_path}/bad.md", StateInvalid, "cannot take the place"),
    ):
        with pytest.raises(error, match=told):
            versions([given], "draft")
    with pytest.raises(EvalError, match="twice"):
        versions([f"{ZH}={changed}", f"{ZH}={changed}"], "draft")


def test_keys_and_prices_stay_with_the_model_they_are_configured_for() -> None:
    given = {"base_url": URL, "model": "good", "api_key": "secret", "price_in": 2.0}
    configured = LLMSettings.model_validate(given)
    own, other, elsewhere = models(["good", "other", "good=http://n/v1"], configured)
    assert own.settings.chain == configured.chain
    assert other.settings.price_in == 0
    assert other.settings.api_key == configured.api_key
    assert elsewhere.settings.api_key is None, "no key goes to another address"
    assert elsewhere.settings.base_url == "http://n/v1"
    assert [one.name for one in models([], configured)] == ["good"]
    (hidden,) = models(["good=http://me:pass@n/v1?key=1"], configured)
    assert hidden.name == "good (http://n/v1)"
    assert "pass" not in hidden.key
    assert [one.name for one in models([], LLMSettings())] == ["templates"]
    with pytest.raises(EvalError, match="No address is known"):
        models(["good"], LLMSettings())
    with pytest.raises(EvalError, match="http"):
        models(["good=ftp://x"], LLMSettings())
    with pytest.raises(EvalError, match="twice"):
        models(["none", "none"], LLMSettings())


def test_a_configured_provider_is_a_column_by_its_name() -> None:
    paid, free = (
        ProviderSettings(name=name, base_url=URL, model="m", price_in=price)
        for name, price in (("paid", 3.0), ("free", 0.0))
    )
    (column,) = models(["paid"], LLMSettings(providers=(free, paid)))
    assert column.settings.chain == (paid,)


def test_only_tasks_a_model_writes_make_a_matrix(desk: Path) -> None:
    done = _matrix("--task", "triage", "--model", "none")
    assert isinstance(done.exception, EvalError)
    assert "No model writes" in str(done.exception)


def test_one_of_many_differences_by_chance_is_not_called_worse() -> None:
    def cell(chances: Sequence[float]) -> Cell:
        made = (
            Difference(
                metric=str(number),
                slice="all",
                difference=-0.1,
                low=-0.2,
                high=0,
                p=p,
                n=9,
                changed=int(p < 1),
            )
            for number, p in enumerate(chances)
        )
        return Cell(prompt="p", model="m", differences=tuple(made))

    (alone,) = corrected([cell([0.03])])
    assert alone.differences[0].word == "worse"
    same = corrected([cell([0.03]), cell([1.0, 1.0])])
    assert same[0].differences[0].word == "worse", "where nothing changed there is no test"
    many = corrected([cell([0.03, 0.5]), cell([0.6, 0.0001])])
    words = [one.word for of in many for one in of.differences]
    assert words == ["same", "same", "same", "worse"]


def test_settings_of_the_columns_reach_the_engines() -> None:
    engines = Bare(Settings())
    column = engines.with_models(LLMSettings(base_url=URL, model="x"))
    assert column.settings["llm"].startswith("x ")
    assert column.__dict__["embedder"] is engines.__dict__["embedder"]
