"""Finds themes: a graph of near texts, cut into communities by Leiden, then named and grouped.

Vectors are centred by language first, so that members who say the same in Chinese and English
meet. What is in a community too small or too loose joins the nearest theme where it is near
enough; the rest is left unclustered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.language import Lang, detect
from retrieval.ports import Embedder
from retrieval.types import FloatMatrix, Role
from service.domain.base import Bilingual
from service.ports.engines import Cluster, Clustering, Placed, ThemeFrame
from service.triage.features import LANGUAGES, Centre, blend, fit_centre
from service.triage.keywords import Keywords, theme_keywords
from service.triage.theme_graph import communities
from service.triage.theme_groups import group_themes
from service.triage.theme_space import theme_space, unit

_SMALLEST = 5
_PRIOR_STRENGTH = 100.0
_COHERENT = 0.40
"""Least mean cosine of a theme's members to its centre, after centring."""

_MEMBER = 0.25
"""Least cosine of a member to its theme's centre."""

_STRAGGLER = 0.45
"""Least cosine of a text that joins the nearest theme though its neighbours are elsewhere."""

_REACH_SHARE, _REACH_SLACK, _REACH_MOST = 0.05, 0.1, 0.6
"""Later texts join a theme that are little farther from its centre than its outermost members."""

_NAMED = 3
NOWHERE = -1


class Partition(NamedTuple):
    """Theme number of each text (`NOWHERE` for none), largest theme first; where themes lie; and
    each text's cosine to its theme's centre."""

    themes: NDArray[np.int64]
    centres: FloatMatrix
    similarities: NDArray[np.float32]


class GraphThemes:
    """Clusters texts by meaning. Deterministic; safe to share between threads."""

    def __init__(self, embedder: Embedder, background: Sequence[str]) -> None:
        """The embedder places keywords and the background texts, which say in both languages where
        ordinary messages lie."""
        self._embedder, self._background = embedder, tuple(background)
        self._prior: Centre | None = None

    def cluster(self, texts: Sequence[str], vectors: FloatMatrix) -> Clustering:
        """Clusters, largest first; rows in none of them are unclustered.

        Small themes whose texts share no telling word are dropped: nobody could say what they are
        about.

        Args:
            texts: redacted texts.
            vectors: one row per text.

        Raises:
            EmbedderUnavailable: keywords cannot be placed now.
            ValueError: not as many vectors as texts.
        """
        langs = [_language(text) for text in texts]
        centre = self._centre(vectors, langs) if len(texts) >= _SMALLEST else None
        if centre is None:
            return Clustering((), _empty_frame(vectors.shape[-1]))
        found = self._partition(texts, vectors, langs, centre)
        members = [_members(found, number) for number in range(len(found.centres))]
        words = theme_keywords(texts, langs, members, found.centres, centre, self._embedder)
        kept = [number for number, one in enumerate(words) if one.zh]
        return _clustering(found, members, words, kept, centre)

    def partition(self, texts: Sequence[str], vectors: FloatMatrix) -> Partition:
        """The clustering alone, without names."""
        langs = [_language(text) for text in texts]
        return self._partition(texts, vectors, langs, self._centre(vectors, langs))

    def place(
        self, frame: ThemeFrame, texts: Sequence[str], vectors: FloatMatrix
    ) -> tuple[Placed | None, ...]:
        """The nearest theme of each text, None where it is outside the reach of all."""
        if not len(frame.centres) or not texts:
            return (None,) * len(texts)
        centred = Centre(frame.means).apply(vectors, [_language(text) for text in texts])
        cosines = centred @ frame.centres.T
        best = np.where(cosines >= frame.reaches, cosines, -1.0)
        nearest = best.argmax(axis=1)
        near = best[np.arange(len(best)), nearest]
        return tuple(
            Placed(int(theme), round(float(cosine), 4)) if cosine > 0 else None
            for theme, cosine in zip(nearest, near, strict=True)
        )

    def _partition(
        self, texts: Sequence[str], vectors: FloatMatrix, langs: Sequence[str], centre: Centre
    ) -> Partition:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, user_api="blas"):  # small matrices: threads spin more than help
            centred = centre.apply(vectors, langs)
            space = theme_space(texts, centred)
            found = communities(space, np.array([lang == "zh" for lang in langs]))
            return _settle(centred, found)

    def _centre(self, vectors: FloatMatrix, langs: Sequence[str]) -> Centre:
        if len(langs) != len(vectors):
            raise ValueError("one vector per text, please")
        if self._prior is None:
            placed = self._embedder.embed(self._background, role=Role.QUERY)
            self._prior = fit_centre(placed, [_language(text) for text in self._background])
        weights = [langs.count(lang) for lang in LANGUAGES]
        return blend(fit_centre(vectors, langs), weights, self._prior, _PRIOR_STRENGTH)


def _language(text: str) -> Lang:
    """As `detect` says, but plain ASCII letters are English unasked: other languages without an
    accent hardly move a mean, and asking would take a third of the time of clustering."""
    if text.isascii() and text.lower() != text.upper():
        return "en"
    return detect(text)


def _settle(centred: FloatMatrix, found: NDArray[np.int64]) -> Partition:
    """Keep coherent communities of some size; near stragglers join them."""
    sizes = np.bincount(found)
    centres = _centres(centred, found, len(sizes))
    own = np.einsum("ij,ij->i", centred, centres[found])
    coherence = np.bincount(found, weights=own) / np.maximum(sizes, 1)
    kept = np.flatnonzero((sizes >= _SMALLEST) & (coherence >= _COHERENT))
    if not len(kept):
        return Partition(np.full(len(found), NOWHERE), centres[:0], own[:0])
    number = np.full(len(sizes), NOWHERE)
    number[kept] = np.arange(len(kept))
    themes = np.where(own >= _MEMBER, number[found], NOWHERE)
    themes = _join(themes, centred, centres[kept])
    return _ordered(centred, themes, len(kept))


def _join(
    themes: NDArray[np.int64], centred: FloatMatrix, centres: FloatMatrix
) -> NDArray[np.int64]:
    strays = np.flatnonzero(themes == NOWHERE)
    cosines = centred[strays] @ centres.T
    near = cosines.max(axis=1, initial=-1.0) >= _STRAGGLER
    joined = themes.copy()
    joined[strays[near]] = cosines[near].argmax(axis=1)
    return joined


def _ordered(centred: FloatMatrix, themes: NDArray[np.int64], count: int) -> Partition:
    """Numbers by size, largest first; equal ones by their first text."""
    inside = np.flatnonzero(themes != NOWHERE)
    sizes = np.bincount(themes[inside], minlength=count)
    first = np.full(count, len(themes))
    np.minimum.at(first, themes[inside], inside)
    order = np.lexsort((first, -sizes))
    order = order[sizes[order] >= _SMALLEST]
    place = np.full(count + 1, NOWHERE)
    place[order] = np.arange(len(order))
    numbered = place[themes]
    known = np.where(numbered == NOWHERE, len(order), numbered)
    centres = _centres(centred, known, len(order) + 1)
    similarities = np.einsum("ij,ij->i", centred, centres[known])
    return Partition(numbered, centres[:-1], similarities.astype(np.float32))


def _centres(centred: FloatMatrix, numbers: NDArray[np.int64], count: int) -> FloatMatrix:
    from scipy.sparse import csr_matrix

    rows = np.arange(len(numbers))
    member = csr_matrix((np.ones(len(rows), np.float32), (numbers, rows)), (count, len(rows)))
    return unit(np.asarray(member @ centred))


def _members(found: Partition, number: int) -> NDArray[np.int64]:
    """Rows of a theme, nearest to its centre first."""
    rows = np.flatnonzero(found.themes == number)
    order: NDArray[np.int64] = rows[np.argsort(-found.similarities[rows], kind="stable")]
    return order


def _clustering(
    found: Partition,
    members: Sequence[NDArray[np.int64]],
    words: Sequence[Keywords],
    kept: Sequence[int],
    centre: Centre,
) -> Clustering:
    centres = found.centres[list(kept)]
    sizes = [len(members[number]) for number in kept]
    groups = group_themes(centres, sizes)
    clusters = tuple(
        _cluster(members[number], found.similarities, words[number], group)
        for number, group in zip(kept, groups, strict=True)
    )
    reaches = [_reach(found.similarities[members[number]]) for number in kept]
    return Clustering(
        clusters, ThemeFrame(centre.means, centres, np.array(reaches, dtype=np.float32))
    )


def _reach(similarities: NDArray[np.float32]) -> float:
    outermost = float(np.quantile(similarities, _REACH_SHARE)) - _REACH_SLACK
    return min(_REACH_MOST, max(_STRAGGLER, outermost))


def _cluster(
    rows: NDArray[np.int64], similarities: NDArray[np.float32], words: Keywords, group: int
) -> Cluster:
    return Cluster(
        members=tuple(int(row) for row in rows),
        similarities=tuple(round(float(similarities[row]), 4) for row in rows),
        name=Bilingual(zh=" · ".join(words.zh[:_NAMED]), en=" · ".join(words.en[:_NAMED])),
        keywords_zh=words.zh,
        keywords_en=words.en,
        group=group,
    )


def _empty_frame(width: int) -> ThemeFrame:
    none = np.empty((0, width), dtype=np.float32)
    return ThemeFrame(np.zeros((3, width), dtype=np.float32), none, none[:, 0] if width else none)
