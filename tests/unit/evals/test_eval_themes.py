"""Golden themes are whole, the task clusters as the product does, scorers see each fault."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from evals.cases import Sample, ThemesAnswer, ThemesExpect
from evals.datasets import load
from evals.model import OVERALL, Figure
from evals.registry import Answered, Registry
from evals.store import load_run, save_run
from evals.tasks.themes import ThemesTask
from evals.wiring import Engines
from retrieval.types import FloatMatrix
from service.domain.base import Bilingual, Lang
from service.ports.engines import Cluster, Clustering, ThemeFrame


def sample(number: int, group: str | None, lang: Lang = Lang.ZH, text: str = "x") -> Sample:
    expect = ThemesExpect(group=group, single=group is None)
    return Sample(id=str(number), lang=lang, text=text, expect=expect)


def answer(theme: int | None, first: str | None = None, then: str | None = None) -> ThemesAnswer:
    return ThemesAnswer(theme=theme, weeks=(first, then))


def figures(found: Registry, cases: list[Answered]) -> dict[str, float | None]:
    scorers = [s for (task, _), s in found.total_scorers.items() if task == "themes"]
    given: list[Figure] = [figure for scorer in scorers for figure in scorer(cases)]
    return {figure.metric: figure.value for figure in given if figure.slice == OVERALL}


def test_groups_are_many_and_half_of_them_meet_in_both_languages() -> None:
    groups: dict[str, list[Lang]] = defaultdict(list)
    singles = 0
    for case in load("themes").samples:
        assert isinstance(case.expect, ThemesExpect)
        singles += case.expect.single
        if case.expect.group:
            groups[case.expect.group].append(case.lang)
    assert len(groups) >= 44
    assert singles >= 30
    assert all(8 <= len(langs) <= 12 for langs in groups.values())
    assert sum(len(set(langs)) == 2 for langs in groups.values()) >= 20
    assert sum(Lang.ZH in langs for langs in groups.values()) >= 30
    assert sum(Lang.EN in langs for langs in groups.values()) >= 30


@pytest.mark.parametrize(("group", "single"), [(None, False), ("a", True)])
def test_a_message_has_a_group_or_is_single(group: str | None, single: bool) -> None:
    with pytest.raises(ValueError, match="one of the two"):
        ThemesExpect(group=group, single=single)


def test_perfect_themes_score_full(found: Registry) -> None:
    cases = [
        Answered(sample(1, "a", Lang.ZH), answer(0, "x", "x")),
        Answered(sample(2, "a", Lang.EN), answer(0, "x", "x")),
        Answered(sample(3, "b"), answer(1, "y", "y")),
        Answered(sample(4, None), answer(None)),
    ]
    full = {"v": 1.0, "ari": 1.0, "meet": 1.0, "id_kept": 1.0, "spillover": 0.0, "unclustered": 0.0}
    assert figures(found, cases) == pytest.approx(full)


def test_each_fault_shows_in_its_own_figure(found: Registry) -> None:
    apart = [
        Answered(sample(1, "a", Lang.ZH), answer(0, "x", None)),
        Answered(sample(2, "a", Lang.ZH), answer(0, "y", "y")),
        Answered(sample(3, "a", Lang.EN), answer(1, "y", "y")),
        Answered(sample(4, "a", Lang.EN), answer(None, None, None)),
    ]
    given = figures(found, apart)
    assert given["meet"] == 0.0
    assert given["id_kept"] == 0.5
    assert given["spillover"] == pytest.approx(1 / 3)
    assert given["unclustered"] == 0.25


def test_singles_are_judged_by_being_left_alone(found: Registry) -> None:
    scorer = found.case_scorers["themes", "placed"]
    taken = {s.metric: s.value for s in scorer(Answered(sample(1, None), answer(3)))}
    lost = {s.metric: s.value for s in scorer(Answered(sample(1, "a"), answer(None)))}
    assert taken == {"clustered": None, "left_alone": 0.0}
    assert lost == {"clustered": 0.0, "left_alone": None}


class Judges:
    """Gives each text the same vector; the stand-in finder reads texts."""

    def judge(self, texts: Sequence[str], times: Sequence[object]) -> list[SimpleNamespace]:
        return [SimpleNamespace(vector=np.ones(2, dtype=np.float32)) for _ in texts]


class ByFirstWord:
    """Puts texts with the same first word into one cluster, and leaves `alone` outside."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def cluster(self, texts: Sequence[str], vectors: FloatMatrix) -> Clustering:
        assert len(texts) == len(vectors)
        self.sizes.append(len(texts))
        words = sorted({text.split()[0] for text in texts} - {"alone"})
        members = [[row for row, t in enumerate(texts) if t.split()[0] == w] for w in words]
        name = Bilingual(zh="题", en="theme")
        clusters = tuple(
            Cluster(
                members=tuple(rows),
                similarities=(1.0,) * len(rows),
                name=name,
                keywords_zh=(),
                keywords_en=(),
            )
            for rows in members
        )
        centres = np.eye(len(words), dtype=np.float32)
        return Clustering(clusters, ThemeFrame(np.zeros((3, 2)), centres, np.ones(len(words))))


def test_the_task_clusters_all_and_two_overlapping_parts() -> None:
    words = ("export", "login", "alone")
    samples = [sample(n, words[n % 3], text=f"{words[n % 3]} {n}") for n in range(60)]
    finder = ByFirstWord()
    engines = SimpleNamespace(triager=Judges(), themes=finder, now=lambda: None)
    answers = asyncio.run(ThemesTask(cast("Engines", engines)).answer(samples))
    assert finder.sizes == [60, 45, 45]
    assert [one.theme for one in answers[:3]] == [0, 1, None]
    assert all(one.weeks == (None, None) for one in answers[2::3])
    for first in (0, 1):
        seen = answers[first::3]
        ids = {theme for one in seen for theme in one.weeks if theme is not None}
        assert len(ids) == 1, "a theme keeps its id"
        assert any(None not in one.weeks for one in seen), "both runs saw some"
        assert any(None in one.weeks for one in seen), "and neither saw all"


def test_an_answer_outside_every_theme_is_kept_as_it_is(
    tmp_path: Path, helpers: SimpleNamespace
) -> None:
    run = helpers.run([sample(1, "a"), sample(2, None)], [answer(0, "x"), answer(None)])
    assert load_run(save_run(run, tmp_path / "run.json")) == run
