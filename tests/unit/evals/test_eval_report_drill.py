"""Bars show the scored figures, and every figure leads to the cases behind it."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace

import pytest

from evals.cases import ThemesAnswer, ThemesExpect
from evals.model import OVERALL, Check, EvalRun, Figure, Score, Verdict
from evals.registry import registry
from evals.report.confusion import confusion
from evals.report.drill import MAX_CASES, drill
from evals.report.page import render_page
from evals.score import score_run
from evals.slices import slices_of
from evals.suite import stored_baselines
from service.domain.base import Frozen

HOSTILE = '<article class="s0 m0" id="x"></dd></article><script>\'&'


class Bar(Frozen):
    """A bar as the page draws it."""

    name: str
    href: str | None
    width: float
    value: str
    n: int


@pytest.fixture
def mixed(helpers: SimpleNamespace) -> EvalRun:
    """Triage of cases with tags, two draws and two categories, a fifth of them wrong."""
    samples = [
        helpers.sample(n, category="praise" if n % 3 else "complaint").model_copy(
            update={
                "tags": ("multi",) if n % 4 == 0 else (),
                "drawn": "hard" if n < 20 else "random",
            }
        )
        for n in range(40)
    ]
    given = ["chat" if n % 5 == 0 else one.expect.categories[0] for n, one in enumerate(samples)]
    run: EvalRun = helpers.run(samples, [helpers.answer(name) for name in given])
    return run


def bars(page: str, metric: str) -> list[Bar]:
    """The bars of a measure, in order."""
    part = re.search(rf"<summary>{metric} .*?</details>", page, re.DOTALL)
    assert part is not None
    found = re.findall(
        r'<(?:a href="#([^"]+)"|div) class="row"><span>(.*?)</span>.*?width:([\d.]+)%.*?'
        r"<span>([\d.]+).*?n=(\d+)</small>",
        part[0],
        re.DOTALL,
    )
    return [
        Bar(name=unescape(name), href=href or None, width=float(width), value=value, n=int(n))
        for href, name, width, value, n in found
    ]


def told(figure: Figure) -> tuple[str, str, int]:
    """What a bar must say of a figure."""
    return figure.slice.partition(":")[2] or figure.slice, f"{figure.value:.3f}", figure.n


def test_every_scored_figure_has_its_bar(mixed: EvalRun) -> None:
    page = render_page([mixed], None)
    for metric in ("top1", "sentiment", "label_f1", "ece"):
        scored = [f for f in mixed.figures if f.metric == metric and f.value is not None]
        drawn = bars(page, metric)
        assert {(one.name, one.value, one.n) for one in drawn} == {told(f) for f in scored}
        assert all(abs(one.width - 100 * float(one.value)) <= 0.1 for one in drawn)
    tags = [one.value for one in bars(page, "top1") if one.name in ("praise", "complaint")]
    assert tags == sorted(tags), "the lowest of a kind stands first"


@pytest.mark.parametrize("task", ["attacks", "draft", "posts", "support", "themes"])
def test_bars_are_drawn_for_every_task(task: str, baselines: dict[str, EvalRun]) -> None:
    run = baselines[task]
    page = render_page([run], None)
    for metric in dict.fromkeys(figure.metric for figure in run.figures):
        scored = {told(f) for f in run.figures if f.metric == metric and f.value is not None}
        drawn = {(one.name, one.value, one.n) for one in bars(page, metric)}
        assert drawn == {one for one in scored if not one[1].startswith("-")}


def test_a_bar_leads_to_the_cases_of_its_slice_that_lost_there(mixed: EvalRun) -> None:
    found, of = drill(mixed), {one.id: slices_of(one) for one in mixed.samples}
    scored = {score.metric for score in mixed.scores}
    for figure in mixed.figures:
        if figure.metric not in scored:
            continue
        lost = {
            score.sample_id
            for score in mixed.scores
            if score.metric == figure.metric
            and score.value is not None
            and score.value < 1
            and figure.slice in of[score.sample_id]
        }
        at = found.at(figure.metric, figure.slice)
        assert (at is not None) == bool(lost), "a link where there is anything to see"
        if at is not None:
            told_by = found.filters[at]
            shown = {c.sample_id for c in found.cases if _passes(c.marks, told_by.marks)}
            assert shown == lost
            assert (told_by.lost, told_by.cases) == (len(lost), figure.n)


def _passes(case: str, wanted: str) -> bool:
    """Whether the style sheet shows a case under a filter."""
    return set(wanted.split()) <= set(case.split())


def behind(run: EvalRun, metric: str, name: str = OVERALL) -> list[str]:
    """Ids of the cases a figure leads to."""
    found = drill(run)
    at = found.at(metric, name)
    if at is None:
        return []
    shown = [c.sample_id for c in found.cases if _passes(c.marks, found.filters[at].marks)]
    assert found.filters[at].lost == len(shown)
    return shown


def test_f1_leads_to_labels_missing_and_too_many(helpers: SimpleNamespace) -> None:
    wanted = ["praise", "praise", "complaint", "complaint"]
    samples = [helpers.sample(n, category=one) for n, one in enumerate(wanted)]
    given = ["praise", "complaint", "complaint", None]
    run = helpers.run(samples, [helpers.answer(one) for one in given])
    assert behind(run, "label_f1") == ["case-1", "case-3"]
    assert behind(run, "label_f1", "lang:zh") == []
    assert behind(run, "label_f1", "category:praise") == ["case-1"]
    assert behind(run, "label_f1", "category:complaint") == ["case-1", "case-3"]
    assert behind(run, "label_f1", "category:unknown") == []
    assert behind(run, "ece") == behind(run, "guess") != []


def test_answers_alike_and_messages_beside_their_theme_are_found(
    baselines: dict[str, EvalRun],
) -> None:
    draft, themes = (score_run(baselines[task], registry()) for task in ("draft", "themes"))
    distinct, spillover = draft.figure("distinct"), themes.figure("spillover")
    assert distinct is not None
    assert spillover is not None
    assert distinct.value == pytest.approx(1 - len(behind(draft, "distinct")) / distinct.n)
    placed = sum(isinstance(o.answer, ThemesAnswer) and o.answer.theme is not None
                 and isinstance(s.expect, ThemesExpect) and s.expect.group is not None
                 for s, o in zip(themes.samples, themes.outputs, strict=True))  # fmt: skip
    assert spillover.value == pytest.approx(len(behind(themes, "spillover")) / placed)
    assert behind(themes, "v") == behind(themes, "spillover")
    lost = {s.sample_id for s in themes.scores if s.value == 0}
    assert len(behind(themes, "id_kept")) == len(lost | set(behind(themes, "v")))


def test_a_mistake_leads_to_its_cases(mixed: EvalRun) -> None:
    table, found = confusion(mixed), drill(mixed)
    assert table is not None
    column = table.columns.index("chat")
    at = found.confused(table.row("praise"), column)
    assert at is not None
    shown = [c.sample_id for c in found.cases if _passes(c.marks, found.filters[at].marks)]
    assert shown == [f"case-{n}" for n in range(40) if n % 5 == 0 and n % 3]
    praise = table.columns.index("praise")
    assert found.confused(table.row("praise"), praise) is None, "no mistake"


def test_no_link_of_the_page_leads_nowhere(mixed: EvalRun) -> None:
    checks = [
        Check(task="triage", kind="bar", name="top1", state="fail", detail=""),
        Check(task="triage", kind="regression", name="top1 (tag:multi)", state="fail", detail=""),
        Check(task="triage", kind="regression", name="own cases", state="fail", detail=""),
    ]
    page = render_page([mixed], Verdict(state="fail", checks=tuple(checks)))
    links, ids = re.findall(r'href="#([^"]+)"', page), re.findall(r' id="([^"]+)"', page)
    assert set(links) <= set(ids)
    assert len(ids) == len(set(ids))
    multi = drill(mixed).at("top1", "tag:multi")
    assert f'<a href="#{multi}">top1 (tag:multi)</a>' in page
    assert "<td>own cases</td>" in page


def test_a_case_stands_once_and_says_what_was_lost(mixed: EvalRun) -> None:
    page = render_page([mixed], None)
    cases = re.findall(r"<article.*?</article>", page, re.DOTALL)
    lost = {s.sample_id for s in mixed.scores if s.value is not None and s.value < 1}
    assert len(cases) == len(lost)
    (first,) = [case for case in cases if "<h4>case-5 " in case]
    assert "lang:en · drawn:hard · category:praise" in first
    assert "<dd>{&#34;categories&#34;:[&#34;praise&#34;]" in first
    assert "<dd>labels chat | chat 0.90 | positive | severity 0</dd>" in first
    assert "top1 0.00" in first


def test_hostile_text_adds_no_case_and_no_mark(helpers: SimpleNamespace) -> None:
    def page(text: str) -> str:
        sample = helpers.sample(0, text=text, category=text).model_copy(update={"tags": (text,)})
        return render_page([helpers.run([sample], [helpers.answer("chat")])], None)

    hostile = page(HOSTILE)
    assert hostile.count("<article") == page("plain").count("<article") == 1
    assert 'id="x"' not in hostile
    assert "<script" not in hostile


def test_cases_beyond_the_most_are_counted(helpers: SimpleNamespace) -> None:
    samples = [helpers.sample(n) for n in range(MAX_CASES + 1)]
    scores = tuple(Score(sample_id=one.id, metric="top1", value=0) for one in samples)
    run = helpers.run(samples[:1], [helpers.answer("chat")])
    outputs = [run.outputs[0].model_copy(update={"sample_id": one.id}) for one in samples]
    long = run.model_copy(
        update={"samples": tuple(samples), "outputs": tuple(outputs), "scores": scores}
    )
    page = render_page([long], None)
    assert f"{MAX_CASES + 1} cases that lost points, the first {MAX_CASES} are shown" in page
    assert page.count("<article") == MAX_CASES


@pytest.fixture(scope="module")
def baselines() -> dict[str, EvalRun]:
    """The stored baselines; their figures are as they were scored."""
    return {str(task): run for task, run in stored_baselines().items()}
